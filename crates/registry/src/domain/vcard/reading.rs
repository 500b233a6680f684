use std::collections::BTreeSet;

use calcard::vcard::{VCard, VCardEntry, VCardParameterName, VCardProperty, VCardValue};
use calcard::{Entry, Parser};
use registry_contract::{
    CardWarning, CardWarningCode, ContactPoint, ContactPointKind, ContactPointLabel, CustomerId, NewContact,
};

use crate::domain::search::fold;
use crate::domain::shape;

const LONGEST_TITLE: usize = 100;
const LONGEST_NOTE: usize = 2000;
const LONGEST_PHONE: usize = 50;
const LONGEST_EMAIL: usize = 254;
const LONGEST_TOPIC: usize = 50;
const MOST_POINTS: usize = 20;
const MOST_TOPICS: usize = 50;

/// A card as the contact it describes, and what of it is not in there.
#[derive(Debug, Clone, PartialEq)]
pub struct Card {
    pub contact: NewContact,
    pub warnings: Vec<CardWarning>,
}

/// The cards of a file, in whatever state it is. Properties that a contact has no place for, pictures among them, and
/// addresses that cannot be right are left out with a warning. Without a name the card is called by what else it has.
pub fn read_cards(file: &[u8], customer: CustomerId) -> Vec<Card> {
    let text = spelled_out(&decoded(file));
    let mut parser = Parser::new(&text);
    let mut cards = Vec::new();
    // No more entries than characters: a parser that does not get on is left.
    for _ in 0..=text.len() {
        match parser.entry() {
            Entry::VCard(card) => cards.push(contact(&card, customer)),
            Entry::Eof => break,
            // Lines between cards, and calendars.
            _ => {}
        }
    }
    let ends = text.trim_end().rsplit(['\n', '\r']).next().unwrap_or_default();
    if let Some(last) = cards.last_mut().filter(|_| !ends.trim().eq_ignore_ascii_case("END:VCARD")) {
        last.warnings.push(CardWarning { code: CardWarningCode::BrokenOff, property: None });
    }
    cards
}

/// UTF-8, or UTF-16 if its mark says so; and else what phones in China write, GB 18030 with GBK and GB 2312 in it.
fn decoded(file: &[u8]) -> String {
    if let Some((encoding, mark)) = encoding_rs::Encoding::for_bom(file) {
        return encoding.decode_without_bom_handling(&file[mark..]).0.into_owned();
    }
    match std::str::from_utf8(file) {
        Ok(text) => text.to_owned(),
        Err(_) => encoding_rs::GB18030.decode_without_bom_handling(file).0.into_owned(),
    }
}

/// vCard 2.1 may leave out `ENCODING=` before `QUOTED-PRINTABLE`. Old Macs end lines with CR alone.
fn spelled_out(text: &str) -> String {
    let text = if text.contains('\n') { text.to_owned() } else { text.replace('\r', "\n") };
    let line = |line: &str| {
        let head = line.split(':').next().unwrap_or_default();
        match head.to_ascii_uppercase().find(";QUOTED-PRINTABLE") {
            Some(at) => format!("{};ENCODING={}", &line[..at], &line[at + 1..]),
            None => line.to_owned(),
        }
    };
    text.split_inclusive('\n').map(line).collect()
}

/// Whether two are one person of a customer: of one name, and with an e-mail address or a phone in common, or neither
/// with any.
pub fn is_same_person(one: &NewContact, other: &NewContact) -> bool {
    let (ours, theirs) = (addresses(one), addresses(other));
    let in_common = !ours.is_disjoint(&theirs) || (ours.is_empty() && theirs.is_empty());
    in_common && fold(one.name.trim()) == fold(other.name.trim())
}

fn addresses(contact: &NewContact) -> BTreeSet<String> {
    let main = [&contact.email, &contact.phone, &contact.mobile].into_iter().flatten();
    let all = main.chain(contact.contact_points.iter().map(|point| &point.value));
    let address = |text: &String| match text.contains('@') {
        true => fold(text),
        false => text.chars().filter(char::is_ascii_digit).collect(),
    };
    all.map(address).collect()
}

fn contact(card: &VCard, customer: CustomerId) -> Card {
    let mut warnings = BTreeSet::new();
    let emails = emails(card, &mut warnings);
    let phones = phones(card, &mut warnings);
    let mut contact = NewContact {
        customer_id: customer,
        name: name(card).unwrap_or_default(),
        title: [VCardProperty::Title, VCardProperty::Role].iter().find_map(|property| text_of(card, property)),
        email: None,
        phone: None,
        mobile: None,
        contact_points: vec![],
        preferred_channel: None,
        language: text_of(card, &VCardProperty::Lang)
            .filter(|text| text.len() <= 35 && shape::language(text).is_none()),
        topics: topics(card, &mut warnings),
        note: note(card),
    };
    place(&mut contact, emails, phones, &mut warnings);
    shorten(&mut contact.title, LONGEST_TITLE, "TITLE", &mut warnings);
    shorten(&mut contact.note, LONGEST_NOTE, "NOTE", &mut warnings);
    if contact.name.is_empty() {
        let addresses = [&contact.email, &contact.mobile, &contact.phone];
        contact.name = addresses.into_iter().flatten().next().cloned().unwrap_or_default();
    }
    warnings.extend(card.entries.iter().filter_map(not_kept));
    Card { contact, warnings: warnings.into_iter().collect() }
}

fn warn(warnings: &mut BTreeSet<CardWarning>, code: CardWarningCode, property: &str) {
    warnings.insert(CardWarning { code, property: Some(property.to_owned()) });
}

fn not_kept(entry: &VCardEntry) -> Option<CardWarning> {
    use VCardProperty as P;
    let code = match &entry.name {
        P::Begin | P::End | P::Version | P::Prodid | P::Rev | P::Uid | P::Kind => return None,
        P::Fn | P::N | P::Title | P::Role | P::Email | P::Tel | P::Lang | P::Note | P::Interest => return None,
        P::Photo | P::Logo | P::Sound | P::Key => CardWarningCode::PictureSkipped,
        _ => CardWarningCode::NotKept,
    };
    // A broken line may be taken for a name of any length.
    let property: String = entry.name.as_str().to_ascii_uppercase().chars().take(40).collect();
    Some(CardWarning { code, property: Some(property) })
}

/// Whole, on as many lines as it has, without other control characters; none when blank.
fn clean(text: &str) -> Option<String> {
    let text: String = text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect();
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

fn one_line(text: &str) -> Option<String> {
    clean(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn text_of(card: &VCard, property: &VCardProperty) -> Option<String> {
    card.properties(property).find_map(|entry| one_line(entry.values.first()?.as_text()?))
}

fn note(card: &VCard) -> Option<String> {
    let notes = card.properties(&VCardProperty::Note).filter_map(|entry| clean(entry.values.first()?.as_text()?));
    clean(&notes.collect::<Vec<_>>().join("\n"))
}

fn topics(card: &VCard, warnings: &mut BTreeSet<CardWarning>) -> Vec<String> {
    let texts =
        card.properties(&VCardProperty::Interest).flat_map(|entry| &entry.values).filter_map(VCardValue::as_text);
    let all: BTreeSet<String> = texts.filter_map(|text| one_line(&fold(text))).collect();
    let (mut fit, long): (Vec<_>, Vec<_>) = all.into_iter().partition(|topic| topic.chars().count() <= LONGEST_TOPIC);
    if !long.is_empty() || fit.len() > MOST_TOPICS {
        warn(warnings, CardWarningCode::TooMany, "INTEREST");
    }
    fit.truncate(MOST_TOPICS);
    fit
}

fn name(card: &VCard) -> Option<String> {
    let structured = || card.properties(&VCardProperty::N).find_map(|entry| structured_name(&entry.values));
    let others = || [VCardProperty::Nickname, VCardProperty::Org].iter().find_map(|property| text_of(card, property));
    text_of(card, &VCardProperty::Fn).or_else(structured).or_else(others)
}

/// Family name, given name, further names, titles before and behind, as they are said: in Chinese the family first.
fn structured_name(values: &[VCardValue]) -> Option<String> {
    let part = |index: usize| match values.get(index) {
        Some(VCardValue::Component(parts)) => one_line(&parts.join(" ")).unwrap_or_default(),
        Some(value) => value.as_text().and_then(one_line).unwrap_or_default(),
        None => String::new(),
    };
    let [family, given, further, before, behind] = [0, 1, 2, 3, 4].map(part);
    let is_han = |text: &str| text.chars().any(|c| ('\u{3400}'..='\u{9fff}').contains(&c));
    if is_han(&family) && is_han(&given) {
        return one_line(&format!("{family}{given}"));
    }
    one_line(&[before, given, further, family, behind].join(" "))
}

/// What addresses are called in cards, and here; what stands first goes before the rest.
const LABELS: [(&str, ContactPointLabel); 6] = [
    ("fax", ContactPointLabel::Fax),
    ("cell", ContactPointLabel::Mobile),
    ("iphone", ContactPointLabel::Mobile),
    ("pager", ContactPointLabel::Other),
    ("work", ContactPointLabel::Work),
    ("home", ContactPointLabel::Home),
];

/// An address of a card with what it is called.
struct Address {
    value: String,
    types: Vec<String>,
    /// 1 is what the owner prefers most.
    rank: u32,
}

impl Address {
    fn of(entry: &VCardEntry) -> Option<Self> {
        let value = one_line(entry.values.first()?.as_text()?)?;
        let types = entry.parameters(&VCardParameterName::Type).filter_map(|value| value.as_text());
        let types: Vec<_> = types.flat_map(|text| text.split(',')).map(str::to_ascii_lowercase).collect();
        let pref = entry.params.iter().find(|param| param.name == VCardParameterName::Pref);
        let rank = match pref {
            Some(pref) => pref.value.as_integer().and_then(|rank| rank.iana().copied()).unwrap_or(1),
            None if types.iter().any(|text| text == "pref") => 1,
            None => u32::MAX,
        };
        Some(Self { value, types, rank })
    }

    fn is(&self, kind: &str) -> bool {
        self.types.iter().any(|text| text == kind)
    }

    fn label(&self) -> ContactPointLabel {
        let known = LABELS.iter().find(|(kind, _)| self.is(kind));
        known.map_or(ContactPointLabel::Other, |(_, label)| *label)
    }

    fn point(self, kind: ContactPointKind) -> ContactPoint {
        ContactPoint { kind, label: self.label(), value: self.value }
    }
}

/// Without the scheme of an URI, and what follows the address in one.
fn bare<'a>(text: &'a str, scheme: &str) -> &'a str {
    match text.get(..scheme.len()) {
        Some(head) if head.eq_ignore_ascii_case(scheme) => {
            text[scheme.len()..].split([';', '?']).next().unwrap_or_default()
        }
        _ => text,
    }
}

/// Those of a kind that can be right, each once, the preferred first.
fn addresses_in(
    card: &VCard,
    property: &VCardProperty,
    right: impl Fn(&str) -> Option<String>,
    warnings: &mut BTreeSet<CardWarning>,
) -> Vec<Address> {
    let mut found: Vec<Address> = Vec::new();
    for address in card.properties(property).filter_map(Address::of) {
        match right(&address.value) {
            Some(value) if found.iter().any(|other| other.value == value) => {}
            Some(value) => found.push(Address { value, ..address }),
            None => warn(warnings, CardWarningCode::Unusable, property.as_str()),
        }
    }
    found.sort_by_key(|address| address.rank);
    found
}

fn emails(card: &VCard, warnings: &mut BTreeSet<CardWarning>) -> Vec<Address> {
    let right = |text: &str| {
        let text = bare(text, "mailto:").trim();
        let fits = text.chars().count() <= LONGEST_EMAIL && shape::email(text).is_none();
        fits.then(|| text.to_owned())
    };
    addresses_in(card, &VCardProperty::Email, right, warnings)
}

fn phones(card: &VCard, warnings: &mut BTreeSet<CardWarning>) -> Vec<Address> {
    let right = |text: &str| {
        let text = fold(bare(text, "tel:").trim());
        let fits = text.chars().count() <= LONGEST_PHONE && shape::phone(&text).is_none();
        fits.then_some(text)
    };
    addresses_in(card, &VCardProperty::Tel, right, warnings)
}

/// Gives each address its place: the first e-mail address, the first mobile phone, the first phone at work or else the
/// first that is no fax; the rest beside them.
fn place(
    contact: &mut NewContact,
    mut emails: Vec<Address>,
    mut phones: Vec<Address>,
    warnings: &mut BTreeSet<CardWarning>,
) {
    let first = |all: &mut Vec<Address>, that: &dyn Fn(&Address) -> bool| {
        all.iter().position(that).map(|at| all.remove(at).value)
    };
    let is_plain = |address: &Address| !matches!(address.label(), ContactPointLabel::Fax | ContactPointLabel::Mobile);
    contact.email = first(&mut emails, &|_| true);
    contact.mobile = first(&mut phones, &|address| address.label() == ContactPointLabel::Mobile);
    contact.phone = first(&mut phones, &|address| address.label() == ContactPointLabel::Work)
        .or_else(|| first(&mut phones, &|address| is_plain(address) && !address.is("pager")));
    let emails = emails.into_iter().map(|address| address.point(ContactPointKind::Email));
    contact.contact_points =
        phones.into_iter().map(|address| address.point(ContactPointKind::Phone)).chain(emails).collect();
    if contact.contact_points.len() > MOST_POINTS {
        contact.contact_points.truncate(MOST_POINTS);
        warn(warnings, CardWarningCode::TooMany, "TEL");
    }
}

fn shorten(text: &mut Option<String>, longest: usize, property: &str, warnings: &mut BTreeSet<CardWarning>) {
    let Some(whole) = text else { return };
    if let Some((end, _)) = whole.char_indices().nth(longest) {
        whole.truncate(end);
        *text = clean(whole);
        warn(warnings, CardWarningCode::Shortened, property);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::domain::ContactDetails;

    fn read(file: impl AsRef<[u8]>) -> Vec<Card> {
        read_cards(file.as_ref(), CustomerId::from(Uuid::nil()))
    }

    fn only(file: impl AsRef<[u8]>) -> Card {
        let mut cards = read(file);
        assert_eq!(cards.len(), 1, "{cards:?}");
        cards.remove(0)
    }

    fn card(lines: &str) -> String {
        format!("BEGIN:VCARD\r\nVERSION:3.0\r\n{lines}\r\nEND:VCARD\r\n")
    }

    fn warnings(card: &Card) -> Vec<String> {
        let warning = |w: &CardWarning| format!("{} {}", w.code, w.property.as_deref().unwrap_or("-"));
        card.warnings.iter().map(warning).collect()
    }

    const V21: &str = "BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=E6=9D=8E;=E4=BC=9F;;;\r\n\
        TITLE;QUOTED-PRINTABLE;CHARSET=UTF-8:=E6=80=BB=E7=BB=8F=\r\n=E7=90=86\r\nTEL;CELL;PREF:13900000000\r\n\
        TEL;WORK;VOICE:0755-1234567\r\nTEL;WORK;FAX:0755-7654321\r\nEMAIL;INTERNET:li@example.com\r\n\
        PHOTO;ENCODING=BASE64;JPEG:\r\n /9j/4AAQ\r\n SkZJRg==\r\n\r\nEND:VCARD\r\n";
    const V3: &str = "BEGIN:VCARD\nVERSION:3.0\nFN:Ann Example\\, PhD\nitem1.EMAIL;TYPE=INTERNET;TYPE=HOME:ann@home.exam\n \
        ple\nEMAIL;TYPE=WORK,PREF:ann@example.com\nitem1.X-ABLabel:Private\nTEL;TYPE=CELL:+49 170 1\nNOTE:one\\ntwo\n\
        ADR;TYPE=WORK:;;Street;City;;1;Germany\nORG:Example\\; Inc;Sales\nEND:VCARD\n";
    const V4: &str = "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Bob\r\nTEL;VALUE=uri;TYPE=\"voice,work\":tel:+1-555-555-5555;ext=5555\r\n\
        EMAIL;PREF=2:b@example.com\r\nEMAIL;PREF=1:a@example.com\r\nLANG:en\r\nINTEREST:Golf\r\nINTEREST:5G\r\nEND:VCARD\r\n";

    #[test]
    fn version_2_1_with_quoted_printable() {
        let card = only(V21);
        let contact = &card.contact;
        assert_eq!((contact.name.as_str(), contact.title.as_deref()), ("李伟", Some("总经理")));
        assert_eq!(contact.mobile.as_deref(), Some("13900000000"));
        assert_eq!(
            (contact.phone.as_deref(), contact.email.as_deref()),
            (Some("0755-1234567"), Some("li@example.com"))
        );
        let fax =
            ContactPoint { kind: ContactPointKind::Phone, label: ContactPointLabel::Fax, value: "0755-7654321".into() };
        assert_eq!(contact.contact_points, [fax]);
        assert_eq!(warnings(&card), ["picture_skipped PHOTO"]);
    }

    #[test]
    fn version_3_with_folds_groups_and_escapes() {
        let card = only(V3);
        let contact = &card.contact;
        assert_eq!((contact.name.as_str(), contact.note.as_deref()), ("Ann Example, PhD", Some("one\ntwo")));
        assert_eq!(contact.email.as_deref(), Some("ann@example.com"));
        assert_eq!(contact.contact_points[0].value, "ann@home.example");
        assert_eq!(warnings(&card), ["not_kept ADR", "not_kept ORG", "not_kept X-ABLABEL"]);
    }

    #[test]
    fn version_4_with_uris_and_preferences() {
        let card = only(V4);
        let contact = &card.contact;
        assert_eq!((contact.phone.as_deref(), contact.language.as_deref()), (Some("+1-555-555-5555"), Some("en")));
        assert_eq!(contact.email.as_deref(), Some("a@example.com"));
        assert_eq!((&contact.topics[..], contact.contact_points.len()), (&["5g".to_owned(), "golf".to_owned()][..], 1));
        assert_eq!(warnings(&card), [""; 0]);
    }

    #[test]
    fn texts_of_other_encodings() {
        let text = card("FN:李伟\r\nTITLE:工程师");
        let gbk = encoding_rs::GBK.encode(&text).0.into_owned();
        let utf16: Vec<u8> = [0xFF, 0xFE].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
        let utf8 = [b"\xEF\xBB\xBF".to_vec(), text.clone().into_bytes()].concat();
        let mac = text.replace("\r\n", "\r").into_bytes();
        for file in [gbk, utf16, utf8, mac] {
            let contact = only(&file).contact;
            assert_eq!((contact.name.as_str(), contact.title.as_deref()), ("李伟", Some("工程师")), "{file:?}");
        }
        let latin = "BEGIN:VCARD\nVERSION:2.1\nFN;ENCODING=QUOTED-PRINTABLE;CHARSET=ISO-8859-1:M=FCller\nEND:VCARD";
        assert_eq!(only(latin).contact.name, "Müller");
        let gb = "BEGIN:VCARD\nVERSION:2.1\nFN;ENCODING=QUOTED-PRINTABLE;CHARSET=GBK:=C0=EE=CE=B0\nEND:VCARD";
        assert_eq!(only(gb).contact.name, "李伟");
    }

    #[test]
    fn who_has_no_name_is_called_by_what_there_is() {
        for (lines, name) in [
            ("FN:\r\nN:Doe;John;Q;Mr.;Jr.", "Mr. John Q Doe Jr."),
            ("N:诸葛;亮;;;", "诸葛亮"),
            ("N:;;;;\r\nORG:Acme;Sales", "Acme"),
            ("EMAIL:a@example.com", "a@example.com"),
            ("TEL:110 110", "110 110"),
            ("NOTE:x", ""),
        ] {
            assert_eq!(only(card(lines)).contact.name, name, "{lines}");
        }
    }

    #[test]
    fn what_cannot_be_kept_is_told() {
        let long = "长".repeat(3000);
        for (lines, expected) in [
            ("FN:A\r\nTEL:BusinessPhone\r\nEMAIL:nobody".to_owned(), &["unusable EMAIL", "unusable TEL"][..]),
            (format!("FN:A\r\nNOTE:{long}"), &["shortened NOTE"]),
            (format!("FN:A\r\nTITLE:{long}"), &["shortened TITLE"]),
            (format!("FN:A\r\nINTEREST:{long}"), &["too_many INTEREST"]),
            ("FN:A\r\nBDAY:1980-01-01\r\nLOGO:x".to_owned(), &["picture_skipped LOGO", "not_kept BDAY"]),
        ] {
            let card = only(card(&lines));
            let mut found = warnings(&card);
            let mut expected: Vec<_> = expected.iter().map(|text| (*text).to_owned()).collect();
            found.sort();
            expected.sort();
            assert_eq!(found, expected);
            assert!(ContactDetails::parse(card.contact).is_ok());
        }
        let many: String = (0..40).map(|n| format!("TEL:110{n}\r\n")).collect();
        assert_eq!(only(card(&format!("FN:A\r\n{many}"))).contact.contact_points.len(), 20);
    }

    #[test]
    fn files_of_many_cards_and_of_none() {
        assert_eq!(read([V21, V3, V4].concat()).len(), 3);
        assert_eq!(read(format!("rubbish\r\n\r\n{V3}\r\nmore: rubbish\r\n{V4}")).len(), 2);
        for none in ["", "\r\n", "hello", "BEGIN:VCALENDAR\nEND:VCALENDAR\n", "{\"name\":\"x\"}"] {
            assert_eq!(read(none), [], "{none:?}");
        }
        let broken = only(V3.replace("END:VCARD\n", ""));
        assert!(warnings(&broken).contains(&"broken_off -".to_owned()));
        assert_eq!(broken.contact.name, "Ann Example, PhD");
    }

    #[test]
    fn one_person_is_known_again() {
        let person = |name: &str, lines: &str| only(card(&format!("FN:{name}\r\n{lines}"))).contact;
        let li = person("Li Wei", "EMAIL:li@example.com\r\nTEL;TYPE=CELL:+86 139-0000");
        for (other, same) in [
            (person("LI ＷEI", "EMAIL:LI@example.com"), true),
            (person("Li Wei", "TEL:861390000"), true),
            (person("Li Wei", "EMAIL:other@example.com"), false),
            (person("Li Wei", ""), false),
            (person("Wang", "EMAIL:li@example.com"), false),
        ] {
            assert_eq!(is_same_person(&li, &other), same, "{other:?}");
        }
        assert!(is_same_person(&person("Li Wei", ""), &person("li wei", "TITLE:x")));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_to_their_end(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            read(&bytes);
            read([V21.as_bytes(), &bytes, V3.as_bytes()].concat());
        }

        #[test]
        fn any_lines_within_a_card_are_read(lines in "([A-Z;=.,:\"a-z\\\\ \r\n\u{0}-\u{1f}é李]|ENCODING=|BASE64|QUOTED-PRINTABLE|CHARSET=GBK|TYPE=|TEL|N:|FN|EMAIL|BEGIN:VCARD|END:VCARD|=E6|=\r\n){0,60}") {
            for card in read(card(&lines)) {
                let faults = ContactDetails::parse(card.contact).err().unwrap_or_default().into_vec();
                // Only a name may be missing or too long: everything else is made to fit.
                prop_assert!(faults.iter().all(|fault| fault.pointer == "/name"), "{faults:?}");
            }
        }

        #[test]
        fn a_damaged_card_is_read(
            which in 0..3_usize,
            damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..3_u8), 1..20),
        ) {
            let mut bytes = [V21, V3, V4][which].as_bytes().to_vec();
            for (at, byte, kind) in damage {
                let at = at.index(bytes.len());
                match kind {
                    0 => bytes[at] = byte,
                    1 => bytes.insert(at, byte),
                    _ => drop(bytes.remove(at)),
                }
            }
            for card in read(&bytes) {
                let faults = ContactDetails::parse(card.contact).err().unwrap_or_default().into_vec();
                prop_assert!(faults.iter().all(|fault| fault.pointer == "/name"), "{faults:?}");
            }
        }
    }
}
