"""One reader a format; what they share is in `guard` (archives, safe XML) and `sheets` (cells, stored sheets)."""

from __future__ import annotations

# Which function reads a format: `module:function`, imported in the child process when it is needed, so that one
# format's library is no burden to the others. Each takes the path, the limits and the writer of the sheets.
READERS = {
    "xlsx": f"{__name__}.xlsx.workbook:read_xlsx",
    "xls": f"{__name__}.xls:read_xls",
    "xlsb": f"{__name__}.xlsb:read_xlsb",
    "ods": f"{__name__}.ods:read_ods",
    "fods": f"{__name__}.ods:read_flat_ods",
    "vcf": f"{__name__}.vcards:read_vcards",
    "html": f"{__name__}.html_tables:read_html",
    "xml2003": f"{__name__}.spreadsheetml:read_spreadsheetml",
    "parquet": f"{__name__}.parquet:read_parquet",
}
