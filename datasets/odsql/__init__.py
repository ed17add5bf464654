"""The query language: text → tokens → tree → checked tree → SQL with bound values. Nothing here runs a query."""
