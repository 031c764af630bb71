"""积分 in hand: rules tried before they hold, what is owed, what runs out, gifts to neighbours, wishes and pools."""
