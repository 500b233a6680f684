//! Where customers find us.

use std::collections::BTreeMap;

use chassis::{Context, Key};

/// Of the page where they rate, below the address of the portal.
const RATING: &str = "/api/v1/portal/rating";

pub const KEY: Key = Key::optional(
    "portal_url",
    "the gateway's address as customers reach it, such as https://crm.example.com; without it nobody is asked to rate",
);

/// Says what is wrong with the address, if anything.
pub fn mistake(settings: &BTreeMap<String, String>) -> Option<String> {
    let url = settings.get(KEY.name)?;
    let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let odd = |letter: char| letter.is_whitespace() || letter.is_control() || "?#<>\"'@".contains(letter);
    let good = host.is_some_and(|host| !host.is_empty() && !host.contains(odd));
    (!good).then(|| format!("{} must be an address such as https://crm.example.com", KEY.name))
}

/// The page where customers rate, if they can reach one.
pub fn rating_page(context: &Context) -> Option<String> {
    let url = context.settings.extra.get(KEY.name)?;
    Some(format!("{}{RATING}", url.trim_end_matches('/')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_one_that_customers_can_follow() {
        for (url, good) in [
            ("https://crm.example.com", true),
            ("http://10.0.0.7:8080/crm/", true),
            ("crm.example.com", false),
            ("https://", false),
            ("https://user:secret@crm.example.com", false),
            ("https://crm.example.com/#x", false),
        ] {
            let settings = BTreeMap::from([("portal_url".to_owned(), url.to_owned())]);
            assert_eq!(mistake(&settings).is_none(), good, "{url}");
        }
        assert_eq!(mistake(&BTreeMap::new()), None);
    }
}
