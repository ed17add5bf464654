"""Where versions live and how they are asked. With ingestion, the only room that opens DuckDB."""
