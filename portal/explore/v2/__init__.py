"""Version 2.0 of the API, deprecated: the queries of version 2.1 in the shapes of its published links."""
