"""The small parts of an Office Open XML package (ECMA-376), which name its sheets and the styles of cells."""

from collections.abc import Iterator

from exports.markup import xml_attribute

SHEET_NAMES = {"fr": "Données", "en": "Data"}
STYLES = {"date": 1, "datetime": 2, "month": 3, "year": 4, "heading": 5}
FORMATS = ("General", "yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss", "yyyy-mm", "yyyy", "General")
"""The styles of cells, and how each shows a number; the heading is bold."""

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def sheet_name(number: int, lang: str) -> str:
    """Return the name of a sheet, in 31 characters at most."""
    title = SHEET_NAMES.get(lang, SHEET_NAMES["en"])
    return title if number == 1 else f"{title} {number}"


def first_part() -> tuple[str, str]:
    """Return the part by which a ZIP is known as a package: name, XML without its header."""
    return "_rels/.rels", _relations([("officeDocument", "xl/workbook.xml")])


def parts_of(sheets: int, lang: str) -> Iterator[tuple[str, str]]:
    """Yield the parts that come after the `sheets` of a package: name, XML without its header."""
    kinds = [("/xl/workbook.xml", "main"), ("/xl/styles.xml", "styles")]
    kinds = [*kinds, *((f"/xl/worksheets/sheet{number}.xml", "worksheet") for number in range(1, sheets + 1))]
    kinds_of_part = {"main": "sheet.main"}
    overrides = (
        f'<Override PartName="{part}" ContentType="{SHEET_TYPE}.{kinds_of_part.get(kind, kind)}+xml"/>'
        for part, kind in kinds
    )
    yield (
        "[Content_Types].xml",
        f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" '
        f'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>{"".join(overrides)}</Types>',
    )
    targets = [("styles", "styles.xml"), *(("worksheet", f"worksheets/sheet{n + 1}.xml") for n in range(sheets))]
    yield "xl/_rels/workbook.xml.rels", _relations(targets)
    listed = (
        f'<sheet name={xml_attribute(sheet_name(n, lang))} sheetId="{n}" r:id="rId{n + 1}"/>'
        for n in range(1, sheets + 1)
    )
    views = "<bookViews><workbookView/></bookViews>"
    yield "xl/workbook.xml", f'<workbook {MAIN} xmlns:r="{OFFICE}">{views}<sheets>{"".join(listed)}</sheets></workbook>'
    yield "xl/styles.xml", _styles()


def _relations(targets: list[tuple[str, str]]) -> str:
    links = (
        f'<Relationship Id="rId{n}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(targets, 1)
    )
    return f'<Relationships xmlns="{PACKAGE}/relationships">{"".join(links)}</Relationships>'


def _styles() -> str:
    """Return the formats of dates, and bold headings."""
    formats = "".join(f'<numFmt numFmtId="{163 + n}" formatCode="{code}"/>' for n, code in enumerate(FORMATS) if n)
    styles = "".join(
        f'<xf numFmtId="{163 + n if 0 < n < 5 else 0}" fontId="{n // 5}" fillId="0" borderId="0" xfId="0" '
        'applyNumberFormat="1" applyFont="1"/>'
        for n in range(len(FORMATS))
    )
    return (
        f'<styleSheet {MAIN}><numFmts count="{len(FORMATS) - 1}">{formats}</numFmts>'
        '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
        '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill>'
        '<fill><patternFill patternType="gray125"/></fill></fills>'
        "<borders><border><left/><right/><top/><bottom/><diagonal/></border></borders>"
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
        f'<cellXfs count="{len(FORMATS)}">{styles}</cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
    )
