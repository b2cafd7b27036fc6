"""Survey forms: read from XLSForm workbooks, checked, compared, published once and for all."""
