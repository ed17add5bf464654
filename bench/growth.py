"""How the portal's times grow with the rows of a dataset: measured in one run, drawn in docs/growth.svg.

    python -m bench.growth [MOST_ROWS] [FOLDER]

Sizes go from ten thousand to MOST_ROWS (ten million) by tens. Writes its table in docs/performance.md. A FOLDER that is
kept spares making its datasets again.
"""

import sys
from pathlib import Path

import vl_convert

from bench.figures import MARKS, PAGE, describe, keep, replace_between, tell
from bench.load import Client, rate, time_it
from bench.rows import kept_folder, prepare
from bench.servers import PORTS, most_of_one, started
from bench.speed import ask
from bench.tasks import TASKS

DRAWING = PAGE.parent / "growth.svg"
MORE = {
    "page of 100, by words": TASKS["full text"]["portal"].replace("%22armagnac%20{n}%22", "%22armagnac%22&offset={n}"),
    "page sorted": TASKS["page of 100, known"]["portal"] + "&order_by=recette&where=jauge%3E{n}",
}


def measure(folder: Path, sizes: list[int]) -> dict[str, dict[int, float]]:
    """Return the figures, by task then by number of rows: seconds, pages a second, MiB of the largest process."""
    asked = {task: servers["portal"] for task, servers in TASKS.items()} | MORE
    found: dict[str, dict[int, float]] = {task: {} for task in asked}
    rates, most = found.setdefault("pages a second", {}), found.setdefault("memory of a process, MiB", {})
    for rows in sizes:
        place = folder / str(rows)
        place.mkdir(parents=True, exist_ok=True)
        prepare(rows, place)
        with started("portal", place) as pid:
            client, Client.count = Client(PORTS["portal"]), 0  # a new dataset knows none of the addresses
            for task, address in asked.items():
                print(rows, task, flush=True)
                found[task][rows] = time_it(ask(client, address))
            rates[rows] = rate(PORTS["portal"], asked["page of 100, known"])
            most[rows] = most_of_one(pid)
    return found


def write_table(found: dict[str, dict[int, float]], sizes: list[int]) -> str:
    """Return the table of a run in Markdown."""
    lines = [
        f"The portal alone, {describe()}.",
        "",
        "| rows | " + " | ".join(f"{rows:,}" for rows in sizes) + " |",
        "|---|" + "---|" * len(sizes),
    ]
    for task, figures in found.items():
        lines.append(f"| {task} | " + " | ".join(tell(task, figures[rows]) for rows in sizes) + " |")
    return "\n".join(lines) + "\n"


def draw(found: dict[str, dict[int, float]]) -> str:
    """Return the curves as SVG: seconds by rows, both by powers of ten."""
    points = [
        {"task": task, "rows": rows, "seconds": seconds}
        for task, figures in found.items()
        if not task.startswith(("pages", "memory"))
        for rows, seconds in figures.items()
    ]
    axes = {"type": "quantitative", "scale": {"type": "log"}}
    return vl_convert.vegalite_to_svg(
        {
            "data": {"values": points},
            "mark": {"type": "line", "point": True},
            "width": 560,
            "height": 380,
            "encoding": {
                "x": {"field": "rows", "title": "rows of the dataset", "axis": {"format": "~s"}, **axes},
                "y": {"field": "seconds", "title": "seconds", **axes},
                "color": {"field": "task", "title": None, "sort": None},
            },
        }
    )


def main(most: int = 10_000_000, kept: str = "") -> None:
    """Make the datasets, measure, draw, and write the table in its page."""
    sizes = [size for size in (10**power for power in range(4, 9)) if size <= most]
    with kept_folder(kept) as folder:
        found = measure(folder, sizes)
    table = write_table(found, sizes)
    print(table)
    DRAWING.write_text(draw(found), encoding="utf-8")
    for rows in sizes:
        keep("growth", {task: {"portal": figures[rows]} for task, figures in found.items()}, rows)
    replace_between(MARKS["grown"], table)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]), *sys.argv[2:3])
