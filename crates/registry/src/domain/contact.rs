use std::ops::Deref;

use registry_contract::{ContactPoint, ContactPointKind, NewContact};

use super::faults::Faults;
use super::search::fold;
use super::shape;

const MOST_TOPICS: usize = 50;
const MOST_POINTS: usize = 20;

/// What is known of a contact, held against every rule that needs no database.
#[derive(Debug, Clone, PartialEq)]
pub struct ContactDetails(NewContact);

impl ContactDetails {
    /// Trims what is text and names every fault at once.
    pub fn parse(mut new: NewContact) -> Result<Self, Faults> {
        let mut faults = Faults::default();
        faults.text("/name", &mut new.name, 100, &[]);
        faults.optional_text("/title", &mut new.title, 100, &[]);
        faults.optional_text("/email", &mut new.email, 254, &[shape::email]);
        faults.optional_text("/phone", &mut new.phone, 50, &[shape::phone]);
        faults.optional_text("/mobile", &mut new.mobile, 50, &[shape::phone]);
        points(&mut faults, &mut new.contact_points);
        topics(&mut faults, &mut new.topics);
        faults.optional_text("/language", &mut new.language, 35, &[shape::language]);
        faults.optional_text("/note", &mut new.note, 2000, &[]);
        faults.or(Self(new))
    }
}

fn points(faults: &mut Faults, points: &mut [ContactPoint]) {
    if points.len() > MOST_POINTS {
        faults.add("/contact_points", "too-many", format!("are more than {MOST_POINTS}"));
    }
    for (index, point) in points.iter_mut().enumerate() {
        let pointer = format!("/contact_points/{index}/value");
        match point.kind {
            ContactPointKind::Email => faults.text(&pointer, &mut point.value, 254, &[shape::email]),
            ContactPointKind::Phone => faults.text(&pointer, &mut point.value, 50, &[shape::phone]),
        }
    }
}

/// `5G`, `５G` and `5g` are one topic.
fn topics(faults: &mut Faults, topics: &mut Vec<String>) {
    if topics.len() > MOST_TOPICS {
        faults.add("/topics", "too-many", format!("are more than {MOST_TOPICS}"));
    }
    for (index, topic) in topics.iter_mut().enumerate() {
        *topic = fold(topic);
        faults.text(&format!("/topics/{index}"), topic, 50, &[shape::one_line]);
    }
    topics.sort_unstable();
    topics.dedup();
}

impl Deref for ContactDetails {
    type Target = NewContact;

    fn deref(&self) -> &NewContact {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use registry_contract::{ContactPatch, ContactPointLabel, CustomerId};

    use super::*;

    fn somebody() -> NewContact {
        NewContact {
            customer_id: CustomerId::new(),
            name: "李伟".into(),
            title: None,
            email: None,
            phone: None,
            mobile: None,
            contact_points: vec![],
            preferred_channel: None,
            language: None,
            topics: vec![],
            note: None,
        }
    }

    #[test]
    fn all_faults_come_at_once() {
        let mut contact = somebody();
        assert!(ContactDetails::parse(contact.clone()).is_ok());
        let patch = ContactPatch {
            name: Some(" ".into()),
            email: Some(Some("li.wei".into())),
            phone: Some(Some("ask".into())),
            mobile: Some(Some("1".into())),
            contact_points: Some(vec![point(ContactPointKind::Phone, "110"), point(ContactPointKind::Email, "110")]),
            topics: Some(vec!["5g".into(), "a\nb".into(), "  ".into()]),
            language: Some(Some("c".into())),
            ..ContactPatch::default()
        };
        patch.apply(&mut contact);
        let faults = ContactDetails::parse(contact).expect_err("is wrong").into_vec();
        let found: Vec<_> = faults.iter().map(|fault| (fault.pointer.as_str(), fault.code.as_str())).collect();
        assert_eq!(
            found,
            [
                ("/name", "blank"),
                ("/email", "bad-format"),
                ("/phone", "bad-format"),
                ("/mobile", "bad-format"),
                ("/contact_points/1/value", "bad-format"),
                ("/topics/1", "bad-format"),
                ("/topics/2", "blank"),
                ("/language", "bad-format"),
            ]
        );
    }

    fn point(kind: ContactPointKind, value: &str) -> ContactPoint {
        ContactPoint { kind, label: ContactPointLabel::Work, value: value.into() }
    }

    #[test]
    fn a_topic_is_kept_once_however_it_is_written() {
        let new = NewContact { topics: vec!["云".into(), " 5G".into(), "５g".into()], ..somebody() };
        assert_eq!(ContactDetails::parse(new).expect("is right").topics, ["5g", "云"]);
        let new = NewContact { topics: (0..51).map(|n| n.to_string()).collect(), ..somebody() };
        let faults = ContactDetails::parse(new).expect_err("are too many").into_vec();
        assert_eq!((faults.len(), faults[0].code.as_str()), (1, "too-many"));
    }
}
