//! Which customers may be one: what they are compared by, and how likely it is. Nothing here merges anything.

use registry_contract::{CustomerKind, DuplicateReason, Identifier, IdentifierType, NewCustomer};

use super::Sight;
use super::search::{fold, key, names, phone, pinyin};

/// Pairs less likely than this are not shown to anybody.
pub const PROPOSED: i32 = 50;
/// What two customers with different numbers of one kind come to at most, whatever else they share.
const OF_DIFFERENT_NUMBERS: i32 = 40;

/// How the kinds of numbers begin that are no register's.
const OWN_SCHEME: &str = "other:";

/// What the end of a Latin name says only of what kind of company it is, without the dots and blanks in it.
const LATIN_FORMS: &[&str] = &[
    "co",
    "company",
    "ltd",
    "limited",
    "inc",
    "incorporated",
    "corp",
    "corporation",
    "llc",
    "llp",
    "lp",
    "plc",
    "gmbh",
    "mbh",
    "ag",
    "kg",
    "kgaa",
    "ohg",
    "se",
    "sa",
    "sas",
    "sarl",
    "srl",
    "sro",
    "spa",
    "spzoo",
    "sl",
    "slu",
    "sadecv",
    "doo",
    "bv",
    "nv",
    "ab",
    "as",
    "asa",
    "oy",
    "oyj",
    "aps",
    "pte",
    "pty",
    "pvt",
    "sdn",
    "bhd",
    "kk",
    "group",
    "holding",
    "holdings",
    "the",
    "and",
];

/// Domains at which everybody may have an address.
const FREE_MAIL: &[&str] = &[
    "qq.com",
    "163.com",
    "126.com",
    "139.com",
    "189.cn",
    "yeah.net",
    "sina.com",
    "sina.cn",
    "sohu.com",
    "foxmail.com",
    "aliyun.com",
    "21cn.com",
    "gmail.com",
    "googlemail.com",
    "outlook.com",
    "hotmail.com",
    "live.com",
    "msn.com",
    "yahoo.com",
    "yahoo.co.jp",
    "icloud.com",
    "me.com",
    "aol.com",
    "gmx.de",
    "gmx.net",
    "web.de",
    "mail.ru",
    "yandex.ru",
    "proton.me",
    "protonmail.com",
    "naver.com",
];

/// What a pair can have in common; the number is how it is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(i16)]
pub enum Trait {
    Number = 0,
    Name = 1,
    Pinyin = 2,
    Phone = 3,
    Website = 4,
    EmailDomain = 5,
}

/// By what the contacts of a customer are reached.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reached {
    pub emails: Vec<String>,
    pub phones: Vec<String>,
}

/// A customer as it is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Traits {
    is_person: bool,
    /// Kind and number, such as a tax id. Of a kind that is no register's, one customer may have several.
    numbers: Vec<(String, String)>,
    /// The name without its region and legal form.
    name: String,
    region: Option<String>,
    pinyin: Option<String>,
    phones: Vec<String>,
    contact_phones: Vec<String>,
    website: Option<String>,
    email_domains: Vec<String>,
}

impl Traits {
    pub fn of(customer: &NewCustomer, contacts: &Reached) -> Self {
        let (name, region) = bare(&customer.name);
        let chars: Vec<char> = name.chars().collect();
        let pinyin = (chars.len() > 1).then(|| pinyin::spellings(&chars).into_iter().next()).flatten();
        let number = |kind| customer.identifiers.iter().find(|one| one.r#type == kind).map(|one| one.value.as_str());
        // In China the social credit code is the tax number.
        let tax_id = customer.tax_id.as_deref().or(number(IdentifierType::Uscc)).map(key).filter(|id| id.len() >= 5);
        let typed = customer.identifiers.iter().map(|one| (kind_of(one), key(&one.value)));
        let mut email_domains: Vec<_> = contacts.emails.iter().filter_map(|email| domain(email)).collect();
        email_domains.sort();
        email_domains.dedup();

        Self {
            is_person: customer.kind == CustomerKind::Consumer,
            numbers: tax_id.into_iter().map(|id| ("tax_id".to_owned(), id)).chain(typed).collect(),
            name,
            region,
            pinyin: pinyin.map(|spelling| spelling.full),
            phones: dialled(&customer.phone),
            contact_phones: dialled(&contacts.phones),
            website: customer.website.as_deref().and_then(host),
            email_domains,
        }
    }

    /// Without what the caller is not to learn of a consumer by comparing with it.
    pub fn seen_by(self, sight: Sight) -> Self {
        match sight {
            Sight::NothingPersonal if self.is_person => {
                Self { numbers: vec![], phones: vec![], contact_phones: vec![], email_domains: vec![], ..self }
            }
            Sight::NothingPersonal => Self { contact_phones: vec![], ..self },
            Sight::Everything => self,
        }
    }

    fn all_phones(&self) -> impl Iterator<Item = &String> {
        self.phones.iter().chain(&self.contact_phones)
    }

    /// By which of its traits a customer is looked up: only those that share one are ever compared.
    pub fn keys(&self) -> Vec<(Trait, String)> {
        let numbers = self.numbers.iter().map(|(kind, number)| (Trait::Number, format!("{kind}:{number}")));
        let name = (!self.name.is_empty()).then(|| (Trait::Name, self.name.clone()));
        let pinyin = self.pinyin.iter().map(|pinyin| (Trait::Pinyin, pinyin.clone()));
        let phones = self.all_phones().map(|phone| (Trait::Phone, phone.clone()));
        let website = self.website.iter().map(|host| (Trait::Website, host.clone()));
        let domains = self.email_domains.iter().map(|domain| (Trait::EmailDomain, domain.clone()));
        numbers.chain(name).chain(pinyin).chain(phones).chain(website).chain(domains).collect()
    }
}

/// The numbers as they are dialled, but for those that are dialled within a house or by everybody.
fn dialled<'a>(phones: impl IntoIterator<Item = &'a String>) -> Vec<String> {
    let forms = phones.into_iter().flat_map(|phone| phone::forms(phone)).filter(|phone| phone.len() >= 7);
    let mut forms: Vec<_> = forms.collect();
    forms.sort();
    forms.dedup();
    forms
}

/// What kind of number it is: one of a kind is all that a customer has, but for those that are no register's.
fn kind_of(identifier: &Identifier) -> String {
    match identifier.r#type {
        // A company has one in each country where it pays the tax.
        IdentifierType::EuVat => {
            format!("eu_vat:{}", identifier.value.chars().take(2).collect::<String>().to_lowercase())
        }
        IdentifierType::Other => {
            format!("{OWN_SCHEME}{}", identifier.scheme.as_deref().unwrap_or_default().to_lowercase())
        }
        IdentifierType::Duns | IdentifierType::Lei | IdentifierType::Uscc => identifier.r#type.to_string(),
    }
}

/// How likely two customers are one, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Likeness {
    /// 0 to 100.
    pub score: i32,
    pub reasons: Vec<DuplicateReason>,
}

/// Each reason leaves a part of the doubt that the others have left (noisy or): `1 - Π (1 - p)`.
pub fn compare(one: &Traits, other: &Traits) -> Likeness {
    let same = |own_scheme: bool| {
        let mut numbers = one.numbers.iter().filter(|(kind, _)| kind.starts_with(OWN_SCHEME) == own_scheme);
        numbers.any(|number| other.numbers.contains(number))
    };
    let same_number = same(false);
    let differ = |(kind, _): &(String, String)| {
        !kind.starts_with(OWN_SCHEME) && other.numbers.iter().any(|(theirs, _)| theirs == kind)
    };
    let other_number = !same_number && one.numbers.iter().any(differ);
    let mut found = Vec::new();
    if same_number {
        found.push((DuplicateReason::SameNumber, 95));
    } else if same(true) {
        // Perhaps only within a court's district, or a class of companies.
        found.push((DuplicateReason::SameNumber, 45));
    }
    if !one.name.is_empty() && one.name == other.name {
        found.push(same_name(one, other));
    } else if one.pinyin.is_some() && one.pinyin == other.pinyin {
        found.push((DuplicateReason::SamePinyin, 40));
    }
    if one.all_phones().any(|phone| other.all_phones().any(|theirs| theirs == phone)) {
        found.push((DuplicateReason::SamePhone, 40));
    }
    if one.website.is_some() && one.website == other.website {
        found.push((DuplicateReason::SameWebsite, 40));
    }
    if one.email_domains.iter().any(|domain| other.email_domains.contains(domain)) {
        found.push((DuplicateReason::SameEmailDomain, 30));
    }
    let doubt = found.iter().fold(1.0, |doubt, (_, points)| doubt * (1.0 - f64::from(*points) / 100.0));
    let mut score = (100.0 * (1.0 - doubt)).round() as i32;
    let mut reasons: Vec<_> = found.into_iter().map(|(reason, _)| reason).collect();
    if other_number {
        score = score.min(OF_DIFFERENT_NUMBERS);
        reasons.push(DuplicateReason::OtherNumber);
    }
    Likeness { score, reasons }
}

fn same_name(one: &Traits, other: &Traits) -> (DuplicateReason, i32) {
    if one.is_person || other.is_person {
        return (DuplicateReason::SameName, 30);
    }
    match (&one.region, &other.region) {
        (a, b) if a == b => (DuplicateReason::SameName, 80),
        (Some(_), Some(_)) => (DuplicateReason::SameNameElsewhere, 45),
        _ => (DuplicateReason::SameName, 70),
    }
}

/// A name without its legal form, and the region in it.
fn bare(name: &str) -> (String, Option<String>) {
    let folded = fold(name);
    let mut words: Vec<&str> = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    while let form @ 1.. = latin_form(&words) {
        words.truncate(words.len() - form);
    }
    if words.len() > 1 && words[0] == "the" {
        words.remove(0);
    }
    let mut region = None;
    let mut kept: Vec<String> = Vec::new();
    for word in words {
        if names::REGIONS.contains(&word) && !(kept.is_empty() && region.is_some()) {
            region.get_or_insert_with(|| word.to_owned());
            continue;
        }
        let parts = names::Name::of(word);
        if parts.own > 0 {
            let whole = parts.from(0);
            region.get_or_insert_with(|| names::region(&whole).unwrap_or_default().to_owned());
        }
        let own: String = parts.chars[parts.own..parts.form].iter().collect();
        let own = ["集团", "控股", "股份"].iter().fold(own.as_str(), |own, end| match own.strip_suffix(end) {
            Some(rest) if rest.chars().count() > 1 => rest,
            _ => own,
        });
        kept.push(own.to_owned());
    }
    let bare = kept.concat();
    if bare.is_empty() { (key(name), None) } else { (bare, region) }
}

/// How many words at the end of a name are its legal form, which dots may have parted: `s`, `a` as much as `sa`. Never all.
fn latin_form(words: &[&str]) -> usize {
    let parted = words.iter().rev().take_while(|word| word.len() <= 2).count();
    let most = parted.max(1).min(words.len().saturating_sub(1));
    let is_form = |count: &usize| LATIN_FORMS.contains(&words[words.len() - count..].concat().as_str());
    (1..=most).rev().find(is_form).unwrap_or(0)
}

fn host(website: &str) -> Option<String> {
    let rest = website.split_once("://").map_or(website, |(_, rest)| rest);
    let host = rest.split(['/', '?', '#', ':']).next()?.to_lowercase();
    let host = host.strip_prefix("www.").unwrap_or(&host).to_owned();
    host.contains('.').then_some(host)
}

fn domain(email: &str) -> Option<String> {
    let domain = email.rsplit_once('@')?.1.to_lowercase();
    (!FREE_MAIL.contains(&domain.as_str())).then_some(domain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn traits(name: &str, change: impl FnOnce(&mut NewCustomer)) -> Traits {
        let mut new = NewCustomer::named(name);
        change(&mut new);
        Traits::of(&new, &Reached::default())
    }

    fn likeness(one: &str, other: &str) -> i32 {
        compare(&traits(one, |_| {}), &traits(other, |_| {})).score
    }

    #[test]
    fn names_are_compared_without_region_and_legal_form() {
        for (name, own, region) in [
            ("深圳市华为技术有限公司", "华为技术", Some("深圳")),
            ("華為技術（深圳）有限公司", "华为技术", Some("深圳")),
            ("华为技术股份有限公司", "华为技术", None),
            ("万科企业集团", "万科企业", None),
            ("北京有限公司", "北京有限公司", None),
            ("Acme Co., Ltd.", "acme", None),
            ("ACME, Inc.", "acme", None),
            ("The Acme Group Holdings GmbH & Co. KG", "acme", None),
            ("Müller AG", "muller", None),
            ("AG", "ag", None),
            ("—", "", None),
        ] {
            assert_eq!(bare(name), (own.to_owned(), region.map(str::to_owned)), "{name}");
        }
    }

    #[test]
    fn legal_forms_are_known_however_they_are_written() {
        const FORMS: &str = "S.A.|SA|S. A.|S.p.A.|SpA|B.V.|BV|N.V.|L.L.C.|LLC|L.P.|S.r.l.|S.R.L|A/S|AS|S.à r.l.|SARL|S.A.S.|\
            Sp. z o.o.|Sp.zo.o.|Co., Ltd|Co., Ltd.|Co Ltd|K.K.|KK|Pty|Pty. Ltd.|Pte. Ltd.|s.r.o.|d.o.o.|S.L.|S.A. de C.V.|\
            Ｓ．Ａ．|GmbH & Co. KG|S.A. & Co.";
        for form in FORMS.split('|') {
            assert_eq!(bare(&format!("Acme {form}")).0, "acme", "{form}");
        }
        for (name, own) in [
            ("S.A.", "sa"),
            ("A.S. Watson", "aswatson"),
            ("A.S. Watson S.A.", "aswatson"),
            ("C & A", "ca"),
            ("Plan B", "planb"),
            ("U.S.", "us"),
            ("Brown & Co. Brown", "browncobrown"),
        ] {
            assert_eq!(bare(name).0, own, "{name}");
        }
        for (name, own, region) in [
            ("深圳南山投资合伙企业（有限合伙）", "南山投资", Some("深圳")),
            ("南山投资合伙企业(普通合伙)", "南山投资", None),
            ("南山投资合伙企业", "南山投资", None),
            ("南山投资（有限合伙）", "南山投资", None),
            ("上海某某会计师事务所（特殊普通合伙）", "某某会计师事务所", Some("上海")),
            ("（有限合伙）", "有限合伙", None),
        ] {
            assert_eq!(bare(name), (own.to_owned(), region.map(str::to_owned)), "{name}");
        }
    }

    #[test]
    fn likely_pairs_are_proposed_and_others_are_not() {
        for (one, other, proposed) in [
            ("深圳市华为技术有限公司", "华为技术股份有限公司", true),
            ("深圳市华为技术有限公司", "華為技術（深圳）有限公司", true),
            ("Acme Co., Ltd.", "ACME Inc.", true),
            ("Acme S.A.", "ACME SA", true),
            ("Acme Sp. z o.o.", "Acme", true),
            ("深圳南山投资合伙企业（有限合伙）", "南山投资合伙企业", true),
            ("北京新华贸易有限公司", "上海新华贸易有限公司", false),
            ("华为", "华维", false),
            ("Acme", "Acme Tools", false),
            ("—", "--", false),
        ] {
            assert_eq!(likeness(one, other) >= PROPOSED, proposed, "{one} {other}");
        }
    }

    #[test]
    fn reasons_add_up() {
        let with = |phone: Option<&str>, website: Option<&str>, tax_id: Option<&str>| {
            traits("某某贸易", |new| {
                new.phone = phone.map(str::to_owned);
                new.website = website.map(str::to_owned);
                new.tax_id = tax_id.map(str::to_owned);
            })
        };
        let plain = with(None, None, None);
        assert_eq!(compare(&plain, &plain).score, 80);
        let phone = (with(Some("+86 755 1234 5678"), None, None), with(Some("0755-12345678"), None, None));
        assert_eq!(compare(&phone.0, &phone.1).score, 88);
        let site = (with(None, Some("https://www.example.com/zh"), None), with(None, Some("http://example.com"), None));
        assert_eq!(compare(&site.0, &site.1).score, 88);
        let same = (with(None, None, Some("91440300-MA5")), with(None, None, Some("91440300ma5")));
        assert_eq!(compare(&same.0, &same.1).score, 99);
    }

    #[test]
    fn one_name_with_different_numbers_is_two_customers() {
        let with = |tax_id: &str| {
            traits("万科", |new| {
                new.tax_id = Some(tax_id.into());
                new.phone = Some("0755-12345678".into());
                new.website = Some("https://vanke.example".into());
            })
        };
        let likeness = compare(&with("91440300AAAAAAAAA1"), &with("91440300BBBBBBBBB2"));
        assert_eq!((likeness.score, likeness.reasons.last()), (40, Some(&DuplicateReason::OtherNumber)));
    }

    #[test]
    fn numbers_are_compared_with_those_of_their_kind() {
        let with = |numbers: &[(IdentifierType, Option<&str>, &str)]| {
            traits("Acme", |new| {
                let identifier = |&(r#type, scheme, value): &(IdentifierType, Option<&str>, &str)| Identifier {
                    r#type,
                    scheme: scheme.map(str::to_owned),
                    value: value.to_owned(),
                };
                new.identifiers = numbers.iter().map(identifier).collect();
            })
        };
        let (german, french) =
            ((IdentifierType::EuVat, None, "DE136695976"), (IdentifierType::EuVat, None, "FR40303265045"));
        let other_german = (IdentifierType::EuVat, None, "DE129273398");
        let (sic, other_sic) =
            ((IdentifierType::Other, Some("sic"), "3571"), (IdentifierType::Other, Some("sic"), "3577"));
        for (one, other, score) in [
            (vec![german], vec![german, french], 99),
            (vec![german], vec![french], 80),
            (vec![german], vec![other_german], 40),
            (vec![sic], vec![sic], 89),
            (vec![sic], vec![other_sic], 80),
            (vec![sic], vec![german], 80),
        ] {
            assert_eq!(compare(&with(&one), &with(&other)).score, score, "{one:?} {other:?}");
        }
    }

    #[test]
    fn contacts_share_their_phones_with_the_customer() {
        let reached = Reached { emails: vec![], phones: vec!["0755-1234 5678".to_owned(), "110".to_owned()] };
        let one = Traits::of(&NewCustomer::named("Acme"), &reached);
        let other = traits("Rival", |new| new.phone = Some("+86 755 12345678".to_owned()));
        assert_eq!(compare(&one, &other).reasons, [DuplicateReason::SamePhone]);
        // Whoever sees no contacts learns nothing of them by asking.
        assert_eq!(compare(&one.seen_by(Sight::NothingPersonal), &other).reasons, []);
    }

    #[test]
    fn free_mail_domains_say_nothing() {
        let of = |emails: &[&str]| {
            let emails = emails.iter().map(|&email| email.to_owned()).collect();
            Traits::of(&NewCustomer::named("x"), &Reached { emails, phones: vec![] }).email_domains
        };
        assert_eq!(of(&["a@qq.com", "b@Example.com", "c@example.com", "d@gmail.com"]), ["example.com"]);
    }
}
