"""批量证明: a school or a unit asks for the certificates of many; each of them decides for themselves."""
