"""星级, 礼遇, 每户每月一小时: what hours make somebody eligible for, and what a county gives back. Nothing here is bought."""
