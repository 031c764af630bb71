"""The books as staff read them: statements of a person, a team, a site, and the closing report."""
