use calcard::vcard::{
    VCard, VCardEntry, VCardParameter, VCardParameterValue, VCardProperty, VCardType, VCardValue, VCardVersion,
};
use registry_contract::{Contact, ContactPoint, ContactPointKind, ContactPointLabel, VCardVersion as Version};

use super::versit;

/// The contact as one card, lines folded and ended with CR LF.
pub fn write_card(contact: &Contact, version: Version) -> String {
    let is_v4 = match version {
        // Which `calcard` would escape and fold as 3.0.
        Version::V21 => return versit::write_card(contact),
        Version::V3 => false,
        Version::V4 => true,
    };
    let mut card = VCard::default();
    let mut add = |entry: VCardEntry| card.entries.push(entry);
    add(entry(VCardProperty::Uid, &format!("urn:uuid:{}", contact.id)));
    add(entry(VCardProperty::Fn, &contact.name));
    add(names(&contact.name));
    if let Some(title) = &contact.title {
        add(entry(VCardProperty::Title, title));
    }
    if let Some(email) = &contact.email {
        add(preferred(entry(VCardProperty::Email, email), is_v4));
    }
    if let Some(phone) = &contact.phone {
        add(preferred(typed(entry(VCardProperty::Tel, phone), VCardType::Work), is_v4));
    }
    if let Some(mobile) = &contact.mobile {
        add(preferred(typed(entry(VCardProperty::Tel, mobile), VCardType::Cell), is_v4));
    }
    contact.contact_points.iter().map(point).for_each(&mut add);
    if let Some(language) = &contact.language {
        add(entry(VCardProperty::Lang, language));
    }
    contact.topics.iter().map(|topic| entry(VCardProperty::Interest, topic)).for_each(&mut add);
    if let Some(note) = &contact.note {
        add(entry(VCardProperty::Note, note));
    }
    add(entry(VCardProperty::Rev, &contact.updated_at.format("%Y%m%dT%H%M%SZ").to_string()));

    let mut text = String::new();
    let version = if is_v4 { VCardVersion::V4_0 } else { VCardVersion::V3_0 };
    // A `String` takes whatever is written to it.
    card.write_to(&mut text, version).map_or_else(|_| String::new(), |()| text)
}

fn entry(name: VCardProperty, value: &str) -> VCardEntry {
    VCardEntry::new(name).with_value(VCardValue::Text(value.to_owned()))
}

/// 3.0 requires the structured name; which part of a name is whose family's, a contact does not say.
fn names(name: &str) -> VCardEntry {
    let parts = [name, "", "", "", ""];
    VCardEntry::new(VCardProperty::N).with_values(parts.map(|part| VCardValue::Text(part.to_owned())).to_vec())
}

fn typed(entry: VCardEntry, kind: VCardType) -> VCardEntry {
    entry.with_param(VCardParameter::typ(VCardParameterValue::Type(kind)))
}

fn preferred(entry: VCardEntry, is_v4: bool) -> VCardEntry {
    match is_v4 {
        true => entry.with_param(VCardParameter::pref(VCardParameterValue::Integer(1))),
        false => entry.with_param(VCardParameter::typ(VCardParameterValue::Text("PREF".to_owned()))),
    }
}

fn point(point: &ContactPoint) -> VCardEntry {
    let property = match point.kind {
        ContactPointKind::Phone => VCardProperty::Tel,
        ContactPointKind::Email => VCardProperty::Email,
    };
    let entry = entry(property, &point.value);
    match point.label {
        ContactPointLabel::Work => typed(entry, VCardType::Work),
        ContactPointLabel::Home => typed(entry, VCardType::Home),
        ContactPointLabel::Mobile => typed(entry, VCardType::Cell),
        ContactPointLabel::Fax => typed(entry, VCardType::Fax),
        ContactPointLabel::Other => entry,
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use proptest::prelude::*;
    use registry_contract::NewContact;
    use uuid::Uuid;

    use super::*;
    use crate::domain::ContactDetails;
    use crate::domain::vcard::read_cards;

    fn contact(new: NewContact) -> Contact {
        Contact {
            id: Uuid::nil().into(),
            customer_id: new.customer_id,
            name: new.name,
            title: new.title,
            email: new.email,
            phone: new.phone,
            mobile: new.mobile,
            contact_points: new.contact_points,
            preferred_channel: new.preferred_channel,
            language: new.language,
            topics: new.topics,
            note: new.note,
            version: 1,
            created_at: DateTime::UNIX_EPOCH,
            updated_at: DateTime::UNIX_EPOCH,
            erased_at: None,
        }
    }

    fn somebody() -> NewContact {
        NewContact {
            customer_id: Uuid::nil().into(),
            name: "李伟; Li, Wei".into(),
            title: Some("CTO".into()),
            email: Some("li@example.com".into()),
            phone: Some("+86 755 1".into()),
            mobile: Some("139 0000".into()),
            contact_points: vec![
                ContactPoint { kind: ContactPointKind::Phone, label: ContactPointLabel::Fax, value: "110".into() },
                ContactPoint {
                    kind: ContactPointKind::Email,
                    label: ContactPointLabel::Home,
                    value: "li@home.cn".into(),
                },
            ],
            preferred_channel: None,
            language: Some("zh-CN".into()),
            topics: vec!["5g".into(), "云, 边缘".into()],
            note: Some("one\ntwo\\n; three".into()),
        }
    }

    #[test]
    fn a_card_of_each_version() {
        let text = write_card(&contact(NewContact { note: None, ..somebody() }), Version::V3);
        assert!(text.starts_with("BEGIN:VCARD\r\nVERSION:3.0\r\n") && text.ends_with("END:VCARD\r\n"), "{text}");
        assert!(
            text.contains("\r\nTEL;TYPE=CELL,PREF:139 0000\r\n") && text.contains("\r\nTEL;TYPE=FAX:110\r\n"),
            "{text}"
        );
        let text = write_card(&contact(somebody()), Version::V4);
        assert!(text.contains("\r\nVERSION:4.0\r\n") && text.contains("\r\nEMAIL;PREF=1:li@example.com\r\n"), "{text}");
        assert!(text.contains("\r\nREV:19700101T000000Z\r\n"), "{text}");
    }

    #[test]
    fn a_card_of_version_2_1() {
        let lines = [
            "BEGIN:VCARD",
            "VERSION:2.1",
            "UID:urn:uuid:00000000-0000-0000-0000-000000000000",
            "FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=E6=9D=8E=E4=BC=9F=3B=20Li=2C=20=",
            "Wei",
            "TITLE:CTO",
            "EMAIL;INTERNET;PREF:li@example.com",
            "TEL;WORK;VOICE;PREF:+86 755 1",
            "TEL;CELL;VOICE;PREF:139 0000",
            "TEL;FAX:110",
            "EMAIL;INTERNET;HOME:li@home.cn",
            "LANG:zh-CN",
            "INTEREST:5g",
            "INTEREST;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=E4=BA=91=2C=20=E8=BE=B9=",
            "=E7=BC=98",
            "NOTE;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:one=0D=0Atwo=5Cn=3B=20three",
            "REV:19700101T000000Z",
            "N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=E6=9D=8E=E4=BC=9F=3B=20Li=2C=20W=",
            "ei;;;;",
            "END:VCARD",
            "",
        ];
        assert_eq!(write_card(&contact(somebody()), Version::V21), lines.join("\r\n"));
    }

    #[test]
    fn no_value_ends_its_line_or_its_card() {
        let evil = "x\r\nEND:VCARD\nBEGIN:VCARD\nFN:y";
        let new = NewContact { name: evil.into(), title: Some(evil.into()), note: Some(evil.into()), ..somebody() };
        for version in [Version::V21, Version::V3, Version::V4] {
            let text = write_card(&contact(new.clone()), version);
            assert_eq!(text.lines().filter(|line| *line == "END:VCARD").count(), 1, "{text}");
            assert_eq!(read_cards(text.as_bytes(), new.customer_id).len(), 1, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(
            name in "[A-Za-z李伟,;:\\\\\"'=]{1,80}",
            note in prop::option::of("[a-z长 ,;:\\\\\n=\"]{1,300}"),
            topics in prop::collection::vec("[a-z云,;]{1,20}", 0..4),
            full in prop::bool::ANY,
        ) {
            let new = if full { somebody() } else { NewContact { email: None, phone: None, mobile: None, contact_points: vec![], language: None, title: None, ..somebody() } };
            let Ok(details) = ContactDetails::parse(NewContact { name, note, topics, ..new }) else { return Ok(()) };
            for version in [Version::V21, Version::V3, Version::V4] {
                let text = write_card(&contact((*details).clone()), version);
                let cards = read_cards(text.as_bytes(), details.customer_id);
                prop_assert_eq!(cards.len(), 1, "{}", text);
                prop_assert_eq!(&cards[0].contact, &*details, "{}", text);
                prop_assert!(cards[0].warnings.is_empty());
            }
        }
    }
}
