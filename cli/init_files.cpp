#include "cli/init_files.h"

namespace tallymill {
namespace {

constexpr std::string_view kWorkspace =
    R"(# A workspace is this folder: what a team keeps in git. `tallymill explain workspace` shows the keys.
workspace: starter
currency: { code: CNY, scale: 2 }

connectors:
  files:                 # jobs name it in `from: { connector: files, ... }`
    type: files
    root: sources
)";

constexpr std::string_view kGitIgnore = R"(# Store, datasets and logs of the runs made here.
.tallymill/
)";

constexpr std::string_view kInvoices = R"(invoice_no,customer,issued_on,net,vat,gross
A-1001,Northwind,2026-01-05,100.00,13.00,113.00
A-1002, Contoso ,2026-01-09,250.50,32.57,283.07
A-1003,Fabrikam,2026-01-16,80.00,10.40,90.40
A-1003,Fabrikam,2026-01-16,80.00,10.40,90.40
A-1004,Contoso,2026-01-30,12.345,1.60,13.95
)";

constexpr std::string_view kGraph = R"(graph: invoices
description: The month's invoices, cleansed and checked.
period: month

jobs:
  read_invoices:
    type: extract
    from: { connector: files, path: "invoices-${period}.csv" }
    into: invoices_raw
    columns:
      invoice_no: { type: text, required: true }
      customer: { type: text, required: true }
      issued_on: { type: date, required: true }
      net: { type: money, required: true }
      vat: { type: money, required: true }
      gross: { type: money, required: true }

  clean_invoices:
    type: cleanse
    from: invoices_raw
    into: invoices
    key: [invoice_no]
    steps:
      - trim: [customer]
      - dedupe: { exact: true }      # A-1003 came twice
    balance: [gross]                 # the books of this job close, or nothing is published

  invoices_are_sound:
    type: check
    of: invoices
    checks:
      - unique: [invoice_no]
      - not_null: customer
      - rule: gross_is_net_plus_vat  # rules/gross_is_net_plus_vat.lua
    on_fail: block                   # whoever reads `invoices` waits for this
)";

constexpr std::string_view kRule = R"(local t = require "tallymill"

return t.check_rule {
  name = "gross_is_net_plus_vat",
  doc = "The gross amount of an invoice is its net amount plus its VAT, to the cent.",
  needs = { net = "money", vat = "money", gross = "money" },
  params = { tolerance = t.money "0.00" },
  check = function(row, p)
    local difference = row.gross - (row.net + row.vat)
    if difference > p.tolerance or -difference > p.tolerance then
      return t.fail("GROSS", "gross {gross} is not net {net} plus VAT {vat}", row)
    end
  end,
  tests = {
    { given = { net = t.money "100.00", vat = t.money "13.00", gross = t.money "113.00" },
      expect = "pass" },
    { given = { net = t.money "100.00", vat = t.money "13.00", gross = t.money "113.01" },
      expect = "GROSS" },
  },
}
)";

constexpr std::string_view kCase =
    R"(description: The invoice that came twice counts once, the one in tenths of a cent not at all.
period: 2026-01
run:
  - run invoices --period 2026-01
)";

// `tallymill test --update` writes it anew.
constexpr std::string_view kExpectedInvoices =
    R"(invoice_no,customer,issued_on,net,vat,gross,_source,_line
A-1001,Northwind,2026-01-05,100.00,13.00,113.00,invoices-2026-01.csv,2
A-1002,Contoso,2026-01-09,250.50,32.57,283.07,invoices-2026-01.csv,3
A-1003,Fabrikam,2026-01-16,80.00,10.40,90.40,invoices-2026-01.csv,4
)";

}  // namespace

const std::vector<std::pair<std::string_view, std::string_view>>& init_files() {
  static const std::vector<std::pair<std::string_view, std::string_view>> files{
      {"tallymill.yaml", kWorkspace},
      {".gitignore", kGitIgnore},
      {"sources/invoices-2026-01.csv", kInvoices},
      {"graphs/invoices.yaml", kGraph},
      {"rules/gross_is_net_plus_vat.lua", kRule},
      {"tests/january/case.yaml", kCase},
      {"tests/january/expected/invoices.csv", kExpectedInvoices},
  };
  return files;
}

}  // namespace tallymill
