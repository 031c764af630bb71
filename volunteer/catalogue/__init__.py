"""服务菜单: services, categories, skills, questions."""
