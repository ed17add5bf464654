"""Partners: what signed-in producers may read of one another, field by field, as each decides."""
