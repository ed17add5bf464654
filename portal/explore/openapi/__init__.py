"""The API told to programs (OpenAPI) and tried by people (console), from the tables that it is made of."""
