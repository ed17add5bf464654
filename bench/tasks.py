"""What is asked of the portal and of its peers: the same, in the words of each."""

from urllib.parse import quote

TOURS = "/api/explore/v2.1/catalog/datasets/tours"
SQL = "/tours.json?_shape=array&_size=max&sql="

TASKS: dict[str, dict[str, str]] = {
    "page of 100, known": {
        "portal": f"{TOURS}/records?limit=100",
        "behind nginx": f"{TOURS}/records?limit=100",
        "roapi": "/api/tables/tours?limit=100",
        "datasette": "/tours/tours.json?_size=100&_nocount=1&_nofacet=1",
        "pygeoapi": "/collections/tours/items?limit=100&f=json",
    },
    "page of 100, new": {
        "portal": f"{TOURS}/records?limit=100&offset={{n}}",
        "roapi": "POST SELECT * FROM tours LIMIT 100 OFFSET {n}",
        "datasette": "/tours/tours.json?_size=100&_nocount=1&_nofacet=1&_next={n}",
        "pygeoapi": "/collections/tours/items?limit=100&f=json&offset={n}",
    },
    "page at row 9,000": {
        "portal": f"{TOURS}/records?limit=100&offset=9{{n}}",
        "roapi": "POST SELECT * FROM tours LIMIT 100 OFFSET 9{n}",
        "datasette": "/tours/tours.json?_size=100&_nocount=1&_nofacet=1&_next=9{n}",
        "pygeoapi": "/collections/tours/items?limit=100&f=json&offset=9{n}",
    },
    "filtered page": {
        "portal": f"{TOURS}/records?limit=100&where=genre%3D%27danse%27%20and%20jauge%3E{{n}}",
        "roapi": "POST SELECT * FROM tours WHERE genre = 'danse' AND jauge > {n} LIMIT 100",
        "datasette": "/tours/tours.json?_size=100&_nofacet=1&genre=danse&jauge__gt={n}",
        "pygeoapi": "/collections/tours/items?limit=100&f=json&genre=danse&jauge={n}",
    },
    "group-by": {
        "portal": f"{TOURS}/records?group_by=genre&select=count(*)%20as%20n,avg(recette%2B{{n}})%20as%20m",
        "roapi": "POST SELECT genre, count(*) AS n, avg(recette + {n}) AS m FROM tours GROUP BY genre",
        "datasette": SQL
        + quote("SELECT genre, count(*) AS n, avg(recette + {n}) AS m FROM tours GROUP BY genre", "{}"),
    },
    "facets": {
        "portal": f"{TOURS}/facets?facet=genre&facet=commune&where=jauge%3E{{n}}",
        "datasette": "/tours/tours.json?_size=0&_facet=genre&_facet=commune&jauge__gt={n}",
    },
    "full text": {
        "portal": f"{TOURS}/records?limit=100&where=%22armagnac%20{{n}}%22",
        "roapi": "POST SELECT * FROM tours WHERE observations ILIKE '%armagnac%' AND compagnie ILIKE '%{n}%' LIMIT 100",
        "datasette": "/tours/tours.json?_size=100&_nofacet=1&_search=armagnac+{n}",
    },
    "words with mistakes": {
        "portal": f"{TOURS}/records?limit=100&where=search(%22armagnak%20cirq{{n}}%22)",
    },
    "within 20 km": {
        "portal": f"{TOURS}/records?limit=100&where=within_distance(lieu,geom%27POINT(0.5%2043.{{n}})%27,20km)",
        "pygeoapi": "/collections/tours/items?limit=100&f=json&bbox=0.25,43.4,0.75,43.8{n}",
    },
    "CSV, all rows, by a query": {
        "portal": f"{TOURS}/exports/csv?offset=1",
        "roapi": "POST:application/csv SELECT * FROM tours",
        "duckdb": "COPY (FROM 'DATA' OFFSET 1) TO 'OUT.csv'",
    },
    "CSV, filtered (a sixth)": {
        "portal": f"{TOURS}/exports/csv?where=genre%3D%27danse%27",
        "roapi": "POST:application/csv SELECT * FROM tours WHERE genre = 'danse'",
        "datasette": "/tours/tours.csv?_stream=on&_size=max&genre=danse",
        "duckdb": "COPY (FROM 'DATA' WHERE genre = 'danse') TO 'OUT.csv'",
    },
    "GeoJSON, filtered (a sixth)": {
        "portal": f"{TOURS}/exports/geojson?where=genre%3D%27danse%27",
        "duckdb": "COPY (SELECT 'Feature' AS type, {'type': 'Point', 'coordinates': [lon, lat]} AS geometry, "
        "t AS properties FROM 'DATA' AS t WHERE genre = 'danse') TO 'OUT.json' (ARRAY true)",
    },
    "whole dataset, CSV": {
        "portal": f"{TOURS}/exports/csv",
        "behind nginx": f"{TOURS}/exports/csv",
        "nginx": "/made/NAME",
        "static": "MADE",
        "roapi": "POST:application/csv SELECT * FROM tours",
        "datasette": "/tours/tours.csv?_stream=on&_size=max",
    },
}
"""What each server is asked; `POST` sends SQL to ROAPI, DuckDB runs a statement on the file of the version."""

FILTERED = "where=genre%3D%27danse%27"
FORMATS = (
    *("csv", "tsv", "json", "jsonl", "geojson", "parquet", "arrow", "xlsx", "ods", "shp", "fgb", "kml", "gpx", "ical"),
    *("jsonld", "turtle", "n3", "rdfxml"),
)
"""The formats of the exports of records that are measured, all of them (bench/formats.py)."""
