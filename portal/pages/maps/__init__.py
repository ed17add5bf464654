"""Maps of datasets: territories in classes, places, vector tiles; drawn by the server, livelier with a script."""
