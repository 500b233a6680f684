//! By which texts a customer or a contact is found.

use registry_contract::{Contact, ContactPointKind, Customer, CustomerKind};

use super::fold::key;
use super::names::Name;
use super::phone;
use super::pinyin::spellings;

/// Letters of a text that count: what is typed beyond them narrows no further.
pub const MOST_LETTERS: usize = 24;
/// Words of a Latin name that are found by their beginning.
const MOST_WORDS: usize = 6;
/// Beginnings of branches in a name that are words of it, and are spelled.
const MOST_BRANCHES: usize = 4;

/// Where in a thing a text stands. The order of results is that of the lists below: contacts come last because a customer's
/// own name means it first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(i16)]
pub enum Place {
    Name = 0,
    /// Code, keys in other systems; of an organisation also phone, tax id and identifiers.
    Number = 1,
    /// From a word of the name on, or from behind its region, or from behind a legal form in its middle.
    Word = 2,
    /// Full pinyin and initials.
    Pinyin = 3,
    /// From a Chinese character inside the name on.
    Inside = 4,
    ContactName = 5,
    ContactWord = 6,
    ContactPinyin = 7,
    ContactNumber = 8,
    /// Phone, tax id and identifiers of a consumer: only for those who may see what is personal.
    PersonNumber = 9,
}

impl Place {
    pub const OF_CUSTOMERS: &[Self] = &[Self::Name, Self::Number, Self::Word, Self::Pinyin, Self::Inside];
    pub const OF_CONTACTS: &[Self] = &[Self::ContactName, Self::ContactWord, Self::ContactPinyin, Self::ContactNumber];
    pub const OF_CUSTOMERS_AND_PERSONS: &[Self] =
        &[Self::Name, Self::Number, Self::PersonNumber, Self::Word, Self::Pinyin, Self::Inside];
    pub const ALL: &[Self] = &[
        Self::Name,
        Self::Number,
        Self::PersonNumber,
        Self::Word,
        Self::Pinyin,
        Self::Inside,
        Self::ContactName,
        Self::ContactWord,
        Self::ContactPinyin,
        Self::ContactNumber,
    ];

    pub fn number(self) -> i16 {
        self as i16
    }
}

/// A folded text that a thing is found by the beginnings of.
pub type Term = (Place, String);

/// All terms of a customer, each once.
pub fn customer_terms(customer: &Customer) -> Vec<Term> {
    let mut terms = Terms::default();
    terms.company(&customer.name);
    if let Some(short) = &customer.short_name {
        terms.company(short);
    }
    terms.add(Place::Number, &key(&customer.code));
    for external in &customer.external_ids {
        terms.add(Place::Number, &key(&external.id));
    }
    let own = if customer.kind == CustomerKind::Consumer { Place::PersonNumber } else { Place::Number };
    for number in customer.identifiers.iter().map(|identifier| &identifier.value).chain(&customer.tax_id) {
        terms.add(own, &key(number));
    }
    terms.phone(own, customer.phone.as_deref());
    terms.0
}

/// All terms of a contact, each once; none of one that was erased.
pub fn contact_terms(contact: &Contact) -> Vec<Term> {
    let mut terms = Terms::default();
    if contact.erased_at.is_some() {
        return terms.0;
    }
    let name = Name::of(&contact.name);
    terms.add(Place::ContactName, &name.from(0));
    // A person's given name is asked for without the surname.
    let given = (name.words.is_empty() && (2..=4).contains(&name.chars.len())).then_some(1);
    for start in name.words.iter().copied().chain(given).take(MOST_WORDS) {
        terms.add(Place::ContactWord, &name.from(start));
    }
    for start in std::iter::once(0).chain(given) {
        terms.pinyin(Place::ContactPinyin, &name.chars[start..]);
    }
    let points = contact.contact_points.iter().filter(|point| point.kind == ContactPointKind::Phone);
    let phones = [&contact.phone, &contact.mobile].into_iter().flatten().chain(points.map(|point| &point.value));
    for phone in phones {
        terms.phone(Place::ContactNumber, Some(phone));
    }
    terms.0
}

#[derive(Default)]
struct Terms(Vec<Term>);

impl Terms {
    fn company(&mut self, text: &str) {
        let name = Name::of(text);
        // A short name that the name begins with, or has as a word, adds only that it is a name by itself.
        let known = self.0.iter().any(|(_, term)| term.starts_with(&name.from(0)));
        self.add(Place::Name, &name.from(0));
        if known {
            return;
        }
        let mut branches = name.branches();
        branches.truncate(MOST_BRANCHES);
        let words: Vec<usize> = name.words.iter().take(MOST_WORDS).chain(&branches).copied().collect();
        for start in &words {
            self.add(Place::Word, &name.from(*start));
        }
        for start in [0, name.own].into_iter().chain(first_chinese(&name)).chain(branches) {
            self.pinyin(Place::Pinyin, &name.chars[start..]);
        }
        // As many as the name has: few names are long, and of a long one any part may be what it is called by.
        for start in name.inside().filter(|start| !words.contains(start)) {
            self.add(Place::Inside, &name.from(start));
        }
    }

    fn pinyin(&mut self, place: Place, chars: &[char]) {
        for spelling in spellings(chars) {
            self.add(place, &spelling.full);
            self.add(place, &spelling.initials);
        }
    }

    fn phone(&mut self, place: Place, phone: Option<&str>) {
        for form in phone.map(phone::forms).unwrap_or_default() {
            self.add(place, &form);
        }
    }

    fn add(&mut self, place: Place, text: &str) {
        let term = (place, beginning(text));
        if !term.1.is_empty() && !self.0.contains(&term) {
            self.0.push(term);
        }
    }
}

/// Behind marks such as `*ST` or `XD`, which nobody spells.
fn first_chinese(name: &Name) -> Option<usize> {
    name.chars.iter().position(|c| super::fold::is_han(*c)).filter(|at| name.words.contains(at))
}

pub fn beginning(text: &str) -> String {
    text.chars().take(MOST_LETTERS).collect()
}

#[cfg(test)]
pub(super) mod tests {
    use registry_contract::{CustomerId, NewCustomer};
    use serde_json::json;

    use super::*;

    /// A customer of this name with some numbers.
    pub fn customer(name: &str, short_name: Option<&str>) -> Customer {
        let mut new = NewCustomer::named(name);
        new.short_name = short_name.map(str::to_owned);
        new.tax_id = Some("00AB17".into());
        new.phone = Some("0755-12345678".into());
        let mut customer = serde_json::to_value(new).expect("JSON");
        let known = json!({
            "id": CustomerId::new(), "code": "C-000001", "external_ids": [], "identifiers": [], "roles": [], "custom_fields": {},
            "version": 1,
            "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z",
        });
        customer.as_object_mut().expect("fields").extend(known.as_object().expect("fields").clone());
        serde_json::from_value(customer).expect("a customer")
    }

    #[test]
    fn what_is_personal_of_a_consumer_stands_in_a_place_of_its_own() {
        let company = customer("王芳", None);
        let person = Customer { kind: CustomerKind::Consumer, ..company.clone() };
        let numbers = |one: &Customer| {
            let terms = customer_terms(one).into_iter();
            terms.filter(|(place, _)| matches!(place, Place::Number | Place::PersonNumber)).collect::<Vec<_>>()
        };
        let all = |place: Place| [(Place::Number, "c000001"), (place, "00ab17"), (place, "75512345678")];
        let all = |place: Place| all(place).map(|(place, term)| (place, term.to_owned())).to_vec();
        assert_eq!((numbers(&company), numbers(&person)), (all(Place::Number), all(Place::PersonNumber)));
    }

    #[test]
    fn a_name_has_few_terms() {
        let terms = |name: &str, short: Option<&str>| customer_terms(&customer(name, short)).len() - 3;
        assert_eq!(terms("深圳市华为技术有限公司", Some("华为")), 9);
        assert_eq!(terms("平安银行", None), 7);
        assert_eq!(terms("Acme Corporation", Some("Acme")), 3);
        assert_eq!(terms("国网江苏省电力有限公司无锡供电分公司", None), 17);
    }

    #[test]
    fn a_long_name_is_found_from_all_its_characters() {
        let long: String = ('\u{4E00}'..).take(200).collect();
        let terms = customer_terms(&customer(&long, None));
        assert_eq!(terms.iter().filter(|(place, _)| *place == Place::Inside).count(), 198);
    }
}
