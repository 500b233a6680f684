//! ISO 3166-2: the subdivisions of countries, with their names.
//!
//! `regions.tsv` (code, English name, Chinese name where there is one) is made of the Unicode CLDR 41, which keeps ISO's
//! codes. Copyright © 1991-2022 Unicode, Inc.; its terms stand in `UNICODE-LICENSE` of this crate.

use registry_contract::Classification;

const REGIONS: &str = include_str!("regions.tsv");

/// Whether the country has this subdivision.
pub fn is_region_of(country: &str, code: &str) -> bool {
    of(country).any(|line| line.split('\t').next() == Some(code))
}

/// A country's subdivisions by code.
pub fn regions(country: &str) -> Vec<Classification> {
    let entry = |line: &str| {
        let mut columns = line.split('\t');
        let code = columns.next()?.to_owned();
        let name_en = columns.next()?.to_owned();
        let name_zh = columns.next().filter(|name| !name.is_empty()).unwrap_or(&name_en).to_owned();
        Some(Classification { code, parent: Some(country.to_owned()), name_en, name_zh })
    };
    of(country).filter_map(entry).collect()
}

/// The lines of one country, which stand together.
fn of(country: &str) -> impl Iterator<Item = &'static str> {
    let prefix = format!("{country}-");
    let own = prefix.clone();
    REGIONS.lines().skip_while(move |line| !line.starts_with(&prefix)).take_while(move |line| line.starts_with(&own))
}

#[cfg(test)]
mod tests {
    use super::super::countries;
    use super::*;

    #[test]
    fn the_list_is_sorted_whole_and_of_known_countries() {
        let codes: Vec<&str> = REGIONS.lines().filter_map(|line| line.split('\t').next()).collect();
        assert!(codes.len() > 5000 && codes.is_sorted());
        for line in REGIONS.lines() {
            let columns: Vec<_> = line.split('\t').collect();
            assert!(columns.len() == 3 && !columns[1].is_empty() && countries::is_code(&line[..2]), "{line}");
        }
    }

    #[test]
    fn regions_belong_to_their_country() {
        assert_eq!(regions("CN").len(), 34);
        let guangdong = regions("CN").into_iter().find(|region| region.code == "CN-GD").expect("Guangdong");
        assert_eq!((guangdong.name_en.as_str(), guangdong.name_zh.as_str()), ("Guangdong", "广东省"));
        assert!(regions("XX").is_empty());
        for (country, code, right) in [
            ("CN", "CN-GD", true),
            ("DE", "CN-GD", false),
            ("DE", "DE-BY", true),
            ("DE", "DE-XX", false),
            ("", "-", false),
        ] {
            assert_eq!(is_region_of(country, code), right, "{country} {code}");
        }
    }
}
