"""What volunteers of the demo county can do, and the 8 + N classes of teams that do it."""

from __future__ import annotations

from volunteer.administration.starting import CLASSES as STANDING

# code, name, English, needs a licence
SKILLS: tuple[tuple[str, str, str, bool], ...] = (
    ("electric", "电工", "Electrical work", True),
    ("plumbing", "水管维修", "Plumbing", False),
    ("appliance", "家电维修", "Appliance repair", False),
    ("carpentry", "木工与门锁", "Carpentry and locks", False),
    ("bicycle", "自行车与磨刀", "Bicycles and knives", False),
    ("sewing", "缝补", "Mending clothes", False),
    ("companion", "陪伴聊天", "Keeping company", False),
    ("counselling", "心理疏导", "Counselling", True),
    ("home_care", "居家照护", "Home care", True),
    ("cleaning", "家政保洁", "Cleaning", False),
    ("cooking", "做饭送餐", "Cooking and meals", False),
    ("gardening", "园艺", "Gardening", False),
    ("escort", "陪诊陪行", "Escorting", False),
    ("nursing", "护理测量", "Nursing checks", True),
    ("first_aid", "急救", "First aid", True),
    ("driving", "驾驶接送", "Driving", True),
    ("smartphone", "手机教学", "Smartphone lessons", False),
    ("computer", "电脑网络", "Computers and networks", False),
    ("haircut", "理发", "Haircuts", False),
    ("tutoring", "课业辅导", "Tutoring", False),
    ("arts", "书画手工", "Arts and crafts", False),
    ("legal", "法律咨询", "Legal advice", True),
    ("mediation", "邻里调解", "Mediation", False),
    ("talks", "宣讲", "Talks", False),
    ("performing", "文艺演出", "Performing", False),
    ("sports", "健身指导", "Fitness coaching", False),
    ("science", "科普讲解", "Popular science", False),
    ("sign_language", "手语", "Sign language", False),
    ("clean_up", "环境清洁", "Clean-ups", False),
)

# code, name, English, one of the 8 standing classes
CLASSES: tuple[tuple[str, str, str, bool], ...] = (
    *((code, name, name_en, True) for code, name, name_en in STANDING),
    ("repair", "水电维修", "Repairs", False),
    ("barbers", "便民理发", "Barbers", False),
    ("digital", "数字助老", "Digital help for the old", False),
    ("veterans", "退役军人", "Veterans", False),
    ("students", "鲈乡学子", "Students", False),
    ("neighbours", "红马甲邻里", "Neighbours in red vests", False),
)

# What a team is about: class, name in the middle of its own, English, skills of its members (the first is everybody's), weight
TRADES: tuple[tuple[str, str, str, tuple[str, ...], int], ...] = (
    ("repair", "电工", "Electricians", ("electric", "appliance", "plumbing"), 11),
    ("repair", "水电维修", "Repair", ("plumbing", "electric", "carpentry"), 10),
    ("repair", "家电巧手", "Appliance Menders", ("appliance", "electric", "computer"), 7),
    ("repair", "巧手修补", "Handy Menders", ("carpentry", "sewing", "bicycle", "plumbing"), 8),
    ("relief", "敬老陪伴", "Companions", ("companion", "cleaning", "escort"), 14),
    ("relief", "暖心家政", "Home Helpers", ("cleaning", "cooking", "home_care"), 12),
    ("relief", "爱心送餐", "Meals on Foot", ("cooking", "driving", "companion"), 10),
    ("health", "陪诊", "Hospital Escorts", ("escort", "driving", "first_aid"), 12),
    ("health", "白衣天使", "Nurses", ("nursing", "first_aid", "home_care"), 9),
    ("health", "健身指导", "Fitness", ("sports", "first_aid"), 5),
    ("health", "心灵港湾", "Listening Ear", ("counselling", "companion"), 7),
    ("digital", "手机课堂", "Smartphone Class", ("smartphone", "computer"), 11),
    ("barbers", "义务理发", "Barbers", ("haircut", "companion"), 12),
    ("education", "四点半课堂", "After-School Class", ("tutoring", "arts"), 12),
    ("students", "学子助学", "Student Tutors", ("tutoring", "smartphone", "science"), 8),
    ("culture", "书画", "Brush and Paper", ("arts", "tutoring"), 5),
    ("culture", "文艺轻骑", "Troupe", ("performing", "arts"), 7),
    ("law", "法律明白人", "Law for Everybody", ("legal", "mediation"), 9),
    ("law", "老娘舅调解", "Mediators", ("mediation", "companion", "talks"), 7),
    ("theory", "鲈乡宣讲", "Speakers", ("talks", "performing"), 8),
    ("science", "科普", "Science for All", ("science", "tutoring", "talks"), 6),
    ("environment", "美丽家园", "Fine Homes", ("clean_up", "gardening"), 11),
    ("environment", "绿手指", "Green Fingers", ("gardening", "clean_up"), 6),
    ("veterans", "迷彩绿", "Veterans", ("driving", "clean_up", "first_aid", "carpentry"), 8),
    ("neighbours", "红马甲", "Red Vests", ("companion", "clean_up", "escort", "smartphone"), 14),
    ("neighbours", "无声世界", "Quiet World", ("sign_language", "companion", "escort"), 4),
)
