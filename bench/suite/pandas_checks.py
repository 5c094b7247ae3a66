# The sixteen checks in pandas, which keeps the failing rows as CSV: pandas_checks.py FOLDER ROWS
# Amounts are doubles here, as read_csv makes them.
import sys

import pandas as pd

folder, rows = sys.argv[1], sys.argv[2]
o = pd.read_csv(f'{folder}/sources/orders_{rows}.csv',
                dtype={'id': 'int64', 'cust_id': 'Int32', 'code': 'str', 'status': 'category', 'ccy': 'category',
                       'net': 'float64', 'tax': 'float64', 'gross': 'float64'},
                parse_dates=['order_date', 'ship_date'])
customers = pd.read_csv(f'{folder}/tables/customers.csv', usecols=['cust_id'])
failing = {
    'not_null cust_id': o.cust_id.isna(),
    'not_null status': o.status.isna(),
    'not_null net': o.net.isna(),
    'in_set status': o.status.notna() & ~o.status.isin(['NEW', 'OPEN', 'PAID', 'SHIPPED', 'CLOSED']),
    'in_set ccy': ~o.ccy.isin('USD EUR JPY GBP CHF AUD CAD SEK'.split()),
    'in_range net': o.net.notna() & ~o.net.between(0, 10000),
    'in_range tax': ~o.tax.between(0, 2000),
    'in_range order_date': ~o.order_date.between('2020-01-01', '2025-12-31'),
    'matches code': ~o.code.str.fullmatch(r'[A-Z]{2}-[0-9]{6}'),
    'matches ccy': ~o.ccy.astype(str).str.fullmatch(r'[A-Z]{3}'),
    'shipped_after_order': o.ship_date < o.order_date,
    'net_plus_tax': o.net.notna() & ((o.net + o.tax - o.gross).abs() > 0.005),
    'unique id': o.id.duplicated(keep=False),
    'unique cust_id, code': o.cust_id.notna() & o.duplicated(['cust_id', 'code'], keep=False),
    'foreign_key cust_id': o.cust_id.notna() & ~o.cust_id.isin(customers.cust_id),
}
print(len(o), {reason: int(mask.sum()) for reason, mask in failing.items()})
pd.concat([o[mask].assign(reason=reason) for reason, mask in failing.items()]).to_csv(
    f'{folder}/pandas_failures.csv', index=False)
