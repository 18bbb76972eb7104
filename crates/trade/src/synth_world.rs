//! What the built-in panel is about: areas, items and candidates for links. Invented.

use crate::lists::Tier;

/// Areas with their size in trade, relative.
pub(crate) const AREAS: [(&str, f64); 30] = [
    ("Australia", 3.0),
    ("Austria", 2.0),
    ("Brazil", 3.0),
    ("Canada", 4.0),
    ("China", 20.0),
    ("Czechia", 2.0),
    ("Denmark", 2.0),
    ("Estonia", 0.5),
    ("France", 6.0),
    ("Germany", 12.0),
    ("Hungary", 1.5),
    ("India", 5.0),
    ("Indonesia", 2.5),
    ("Italy", 6.0),
    ("Japan", 11.0),
    ("Korea", 8.0),
    ("Malaysia", 3.0),
    ("Mexico", 5.0),
    ("Netherlands", 5.0),
    ("Philippines", 1.0),
    ("Poland", 3.0),
    ("Russia", 4.0),
    ("Slovenia", 0.7),
    ("Spain", 4.0),
    ("Sweden", 2.5),
    ("Switzerland", 3.0),
    ("Thailand", 3.0),
    ("USA", 18.0),
    ("United Kingdom", 6.0),
    ("Viet Nam", 3.5),
];

/// Items with HS code, tier, world trade (million USD) and the areas that make most of it (share).
pub(crate) const ITEMS: [(&str, u32, Tier, f64, &[(&str, f64)]); 16] = [
    ("Cerium compounds", 284_610, Tier::Raw, 250.0, &[("China", 0.5), ("Japan", 0.15)]),
    ("Ceramic sensors", 853_290, Tier::Input, 900.0, &[("Japan", 0.3), ("China", 0.2)]),
    ("Displays", 852_852, Tier::Final, 9000.0, &[("China", 0.4), ("Korea", 0.2), ("Mexico", 0.1)]),
    (
        "Electric motors",
        850_131,
        Tier::Final,
        4000.0,
        &[("China", 0.3), ("Germany", 0.15), ("Mexico", 0.1)],
    ),
    ("Glass polishing powder", 340_590, Tier::Input, 150.0, &[("Japan", 0.35), ("China", 0.25)]),
    ("Lamps", 853_931, Tier::Final, 2500.0, &[("China", 0.55), ("Germany", 0.1)]),
    ("Lasers", 901_320, Tier::Final, 2200.0, &[("Germany", 0.25), ("USA", 0.25)]),
    (
        "Other rare-earth compounds",
        284_690,
        Tier::Raw,
        900.0,
        &[("China", 0.55), ("Malaysia", 0.15)],
    ),
    (
        "Permanent magnets of metal",
        850_511,
        Tier::Input,
        2500.0,
        &[("China", 0.6), ("Japan", 0.15)],
    ),
    ("Phosphors", 320_650, Tier::Input, 300.0, &[("Japan", 0.4), ("China", 0.3)]),
    ("Rare-earth metals", 280_530, Tier::Raw, 500.0, &[("China", 0.6), ("Viet Nam", 0.15)]),
    (
        "Rare-earth ores",
        253_090,
        Tier::Raw,
        400.0,
        &[("Australia", 0.3), ("USA", 0.3), ("China", 0.15)],
    ),
    ("Thorium ores", 261_220, Tier::Raw, 60.0, &[("Brazil", 0.4), ("India", 0.3)]),
    (
        "Wind turbines",
        850_231,
        Tier::Final,
        5000.0,
        &[("Denmark", 0.35), ("Germany", 0.3), ("China", 0.1)],
    ),
    ("Yttrium ceramics", 690_919, Tier::Input, 350.0, &[("Germany", 0.3), ("Japan", 0.3)]),
    ("Zirconium ores", 261_510, Tier::Raw, 700.0, &[("Australia", 0.45), ("Indonesia", 0.15)]),
];

/// Candidate links; the first eleven are planted.
pub(crate) const CANDIDATES: [(&str, &str); 17] = [
    ("Cerium compounds", "Glass polishing powder"),
    ("Other rare-earth compounds", "Phosphors"),
    ("Other rare-earth compounds", "Rare-earth metals"),
    ("Permanent magnets of metal", "Electric motors"),
    ("Permanent magnets of metal", "Wind turbines"),
    ("Phosphors", "Displays"),
    ("Phosphors", "Lamps"),
    ("Rare-earth metals", "Permanent magnets of metal"),
    ("Rare-earth ores", "Other rare-earth compounds"),
    ("Yttrium ceramics", "Lasers"),
    ("Zirconium ores", "Ceramic sensors"),
    ("Cerium compounds", "Permanent magnets of metal"),
    ("Glass polishing powder", "Lamps"),
    ("Permanent magnets of metal", "Displays"),
    ("Zirconium ores", "Lasers"),
    ("Thorium ores", "Lasers"),
    ("Wind turbines", "Rare-earth metals"),
];

/// How many of the candidates are planted.
pub(crate) const PLANTED: usize = 11;
