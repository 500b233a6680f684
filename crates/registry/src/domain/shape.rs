//! Shapes of single values. They keep out what cannot be right; that a phone rings, nobody can see from its number.

use super::{countries, currencies, industries};

type Fault = Option<(&'static str, &'static str)>;

fn unless(holds: bool, code: &'static str, message: &'static str) -> Fault {
    (!holds).then_some((code, message))
}

pub fn country(text: &str) -> Fault {
    unless(countries::is_code(text), "unknown-country", "is no ISO 3166-1 alpha-2 code, such as CN")
}

pub fn currency(text: &str) -> Fault {
    unless(currencies::is_code(text), "unknown-currency", "is no ISO 4217 code, such as CNY")
}

pub fn phone(text: &str) -> Fault {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let plain = text.chars().all(|c| c.is_ascii_digit() || " +-()./,#".contains(c));
    unless(plain && digits >= 3, "bad-format", "is no phone number: digits, spaces and + - ( ) . / , # only")
}

pub fn one_line(text: &str) -> Fault {
    unless(!text.contains(['\n', '\r', '\t']), "bad-format", "must be on one line")
}

/// Only the shape `local@domain.tld`: the rest, a mail server alone knows.
pub fn email(text: &str) -> Fault {
    let right = text.rsplit_once('@').is_some_and(|(local, domain)| {
        !local.is_empty() && local.len() <= 64 && !local.contains('@') && domain.contains('.') && is_host(domain)
    });
    unless(right && !text.contains(char::is_whitespace), "bad-format", "is no e-mail address")
}

pub fn website(text: &str) -> Fault {
    let right = ["http://", "https://"].iter().find_map(|scheme| text.strip_prefix(scheme)).is_some_and(|rest| {
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let (host, port) = authority.split_once(':').unwrap_or((authority, "443"));
        is_host(host) && port.parse::<u16>().is_ok()
    });
    unless(right && !text.contains(char::is_whitespace), "bad-format", "is no http or https address")
}

/// Letters of any script: internationalised names are written as people read them.
fn is_host(host: &str) -> bool {
    !host.is_empty()
        && host.split('.').all(|label| {
            !label.is_empty()
                && label.chars().all(|c| c.is_alphanumeric() || c == '-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        })
}

/// BCP 47 in outline: a primary language, then subtags.
pub fn language(text: &str) -> Fault {
    let mut tags = text.split('-');
    let primary = tags.next().unwrap_or_default();
    let right = (2..=3).contains(&primary.len())
        && primary.bytes().all(|b| b.is_ascii_alphabetic())
        && tags.all(|tag| (1..=8).contains(&tag.len()) && tag.bytes().all(|b| b.is_ascii_alphanumeric()));
    unless(right, "bad-format", "is no BCP 47 language tag, such as zh-CN")
}

/// Of the IANA time zone database, aliases included.
pub fn time_zone(text: &str) -> Fault {
    let known = text.parse::<chrono_tz::Tz>().is_ok();
    unless(known, "unknown-time-zone", "is no IANA time zone, such as Asia/Shanghai")
}

pub fn industry_code(text: &str) -> Fault {
    unless(
        industries::is_industry_code(text),
        "unknown-industry",
        "is no section or division of GB/T 4754-2017 (gbt4754:I65) and no section of ISIC Rev. 4 (isic:J)",
    )
}

/// What our people and teams are called by stands in addresses and as the text of customers' owners.
pub fn staff_code(text: &str) -> Fault {
    let right = !text.contains(|c: char| c.is_whitespace() || matches!(c, '/' | '?' | '#'))
        && uuid::Uuid::parse_str(text).is_err();
    unless(right, "bad-format", "must have no spaces and none of / ? #, and must not look like an id")
}

pub fn external_system(text: &str) -> Fault {
    let right = text.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'.' | b'-'));
    unless(right, "bad-format", "names no system: small letters, digits and _ . - only")
}

/// What a list's item is known by.
pub fn key(text: &str) -> Fault {
    let right = (1..=50).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'-'));
    unless(right, "bad-format", "is no key: at most 50 small letters, digits, _ and - only")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rule: fn(&str) -> Fault, right: &[&str], wrong: &[&str]) {
        for text in right {
            assert_eq!(rule(text), None, "{text:?} is right");
        }
        for text in wrong {
            assert!(rule(text).is_some(), "{text:?} is wrong");
        }
    }

    #[test]
    fn phones() {
        table(
            phone,
            &["+86 755 1234 5678", "110", "(0755) 1234-5678", "010-12345678,8#"],
            &["12", "+--", "call me 123", "１２３"],
        );
    }

    #[test]
    fn emails() {
        table(
            email,
            &["li.wei@example.com", "a+b@sub.example.cn", "李伟@例子.中国"],
            &["li.wei", "@example.com", "a@b", "a@@b.com", "a b@c.com", "a@-b.com", "a@b..com"],
        );
    }

    #[test]
    fn websites() {
        table(
            website,
            &["https://example.com", "http://例子.中国/关于?x=1#y", "https://example.com:8443/"],
            &[
                "example.com",
                "ftp://example.com",
                "https://",
                "https://exa mple.com",
                "https://a:99999",
                "javascript:alert(1)",
            ],
        );
    }

    #[test]
    fn languages_and_time_zones() {
        table(language, &["zh-CN", "en", "zh-Hans-CN", "yue"], &["", "z", "chinese", "zh_CN", "zh-", "1a"]);
        table(
            time_zone,
            &["Asia/Shanghai", "UTC", "America/Argentina/Buenos_Aires", "Etc/GMT+8"],
            &["", "Shanghai", "asia/shanghai", "Asia/", "Asia/Shenzhen", "+08:00"],
        );
    }

    #[test]
    fn codes_of_countries_currencies_and_systems() {
        table(country, &["CN", "DE"], &["cn", "XX", "UK", "CHN"]);
        table(currency, &["CNY", "JPY"], &["RMB", "cny"]);
        table(key, &["a", "carbon-price", "7_x"], &["", "A", "-a", "a b", "价"]);
        table(external_system, &["sap", "erp-1", "ts_code", "4d"], &["", "SAP", "_x", "a b", "系统"]);
    }
}
