"""中心/所/站: sites, venues, dated policies."""
