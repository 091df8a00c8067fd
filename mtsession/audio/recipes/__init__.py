"""How are the instrument's own sounds made? Physical recipes, a module a family, from which the bank is laid."""
