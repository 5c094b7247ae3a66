#!/usr/bin/env python3
"""Makes the workbooks beside it with two other writers (Debian's python3-openpyxl and
python3-xlsxwriter) and with a spreadsheet program (libreoffice-calc 7.4, from libreoffice.fods,
which was written by hand). They are kept, so that tests need none of them."""

import datetime
import os
import subprocess

import openpyxl
import xlsxwriter

here = os.path.dirname(os.path.abspath(__file__))


def by_openpyxl():
    book = openpyxl.Workbook()
    book.active.title = "Notes"
    book.active.append(["nothing here"])
    sheet = book.create_sheet("客户")
    sheet.append(["name", "amount", "since", "seen", "active", "code", "sum"])
    sheet.append(["Anna & <Bo>", 12.30, datetime.date(2026, 1, 31),
                  datetime.datetime(2026, 1, 31, 8, 5, 0), True, "00123", "=B2*2"])
    sheet.append(["王小明", 0.1 + 0.2, datetime.date(1900, 1, 1), datetime.time(8, 5, 0), False,
                  "line\nbreak", None])
    sheet["A6"] = "after a gap"
    sheet["H6"] = 1e21
    book.create_sheet("Hidden").sheet_state = "hidden"
    book.save(os.path.join(here, "openpyxl.xlsx"))


def by_xlsxwriter():
    book = xlsxwriter.Workbook(os.path.join(here, "xlsxwriter_1904.xlsx"),
                               {"date_1904": True, "constant_memory": True})
    book.set_properties({"created": datetime.datetime(2026, 1, 31)})
    sheet = book.add_worksheet("Data")
    day = book.add_format({"num_format": "yyyy\"年\"m\"月\"d\"日\""})
    moment = book.add_format({"num_format": "d mmm yyyy hh:mm:ss"})
    hours = book.add_format({"num_format": "[h]:mm"})
    bold = book.add_format({"bold": True})
    sheet.write_row(0, 0, ["kind", "value"])
    sheet.write_string(1, 0, "day")
    sheet.write_datetime(1, 1, datetime.date(2026, 1, 31), day)
    sheet.write_string(2, 0, "moment")
    sheet.write_datetime(2, 1, datetime.datetime(2026, 1, 31, 23, 59, 59), moment)
    sheet.write_string(3, 0, "hours")
    sheet.write_number(3, 1, 26.5 / 24, hours)
    sheet.write_string(4, 0, "rich")
    sheet.write_rich_string(4, 1, "a ", bold, "b", " c")
    sheet.write_string(5, 0, "formula")
    sheet.write_formula(5, 1, "=1/0", None, "#DIV/0!")
    sheet.write_string(6, 0, "text formula")
    sheet.write_formula(6, 1, "=\"x\"&\"y\"", None, "xy")
    sheet.write_string(7, 0, "true")
    sheet.write_boolean(7, 1, True)
    sheet.write_string(8, 0, "number")
    sheet.write_number(8, 1, 1234567.891)
    book.close()


def by_libreoffice():
    subprocess.run(["soffice", "--headless", "--convert-to", "xlsx", "--outdir", here,
                    os.path.join(here, "libreoffice.fods")], check=True)


by_openpyxl()
by_xlsxwriter()
by_libreoffice()
