"""Charts of datasets: what a schema lets draw, what the address asks for, drawn by a program beside the server."""
