"""Believable names for venues and rooms."""

VENUES = (
    "Café Nord", "Harbour Hotel", "Nordhaven Library", "Old Mill Hostel", "Market Hall East", "Station Arcade",
    "The Copper Kettle", "Lindgren Dental", "Riverside Camping", "St Anne's Hospital Café", "Glassworks Studios",
    "Union Street Gym", "Hotel Belvoir", "Fjord View Apartments", "Westgate Shopping Centre", "The Printing House",
    "Pier 9 Conference Centre", "Botanic Garden Visitors", "Albion Brewery Tap", "Kirkby Town Hall",
    "Museum of the North Sea", "Lakeside Caravan Park", "Bakers Row Coworking", "The Anchor Inn", "Summit Ski Lodge",
    "Eastfield Primary School", "Orchard Care Home", "Velodrome Café", "Quayside Student House", "Grand Theatre Foyer",
    "Hilltop Golf Club", "Ferry Terminal South", "Winter Pavilion", "Castle Street Surgery", "Saltmarsh Village",
    "Corner Bookshop", "Skyline Rooftop Bar",
)  # fmt: skip
"""The first three are told stories about: world.py gives them their boxes by hand."""

STREETS = (
    "Long Road", "Harbour Street", "Library Square", "Mill Lane", "Market Street", "Station Road", "Copper Row",
    "Kings Walk", "River Road", "Church Lane", "Furnace Street", "Union Street",
)  # fmt: skip
TOWNS = (
    ("Nordhaven", "NO4 1AB", "GB", "Europe/London"),
    ("Kirkby", "KB2 7QT", "GB", "Europe/London"),
    ("Aalsund", "9000", "DK", "Europe/Copenhagen"),
    ("Lindholm", "411 05", "SE", "Europe/Stockholm"),
    ("Port Albion", "PA1 3DD", "GB", "Europe/London"),
    ("Veldhaven", "3011", "NL", "Europe/Amsterdam"),
)
ROOMS = (
    "Reception", "Bar", "Kitchen", "Terrace", "Garden", "Meeting Room", "Corridor", "Stairwell", "Restaurant", "Office",
    "Hall", "Basement", "Car Park", "Gallery", "Workshop", "Classroom", "Foyer", "Loft", "Ward", "Court",
)  # fmt: skip
ENDS = ("East", "West", "North", "South", "Upper", "Lower", "Front", "Rear")
MACHINES = (
    "unifi-ap",
    "unifi-ap-lr",
    "unifi-ap-pro",
    "om2p-hs",
    "om5p-an",
    "ecb350",
    "ens202ext",
    "tl-wdr3600",
    "airrouter",
)
OUIS = ("DC-9F-DB", "04-18-D6", "AC-86-74", "88-DC-96", "F4-F2-6D", "24-A4-3C")
FIRMWARES = ("B_160201_01", "B_160201_01", "B_160118_03", "B_151207_02")
