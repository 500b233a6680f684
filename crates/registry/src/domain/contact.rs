use std::ops::Deref;

use registry_contract::NewContact;

use super::faults::Faults;
use super::shape;

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
        faults.optional_text("/language", &mut new.language, 35, &[shape::language]);
        faults.optional_text("/note", &mut new.note, 2000, &[]);
        faults.or(Self(new))
    }
}

impl Deref for ContactDetails {
    type Target = NewContact;

    fn deref(&self) -> &NewContact {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use registry_contract::{ContactPatch, CustomerId};

    use super::*;

    #[test]
    fn all_faults_come_at_once() {
        let mut contact = NewContact {
            customer_id: CustomerId::new(),
            name: "李伟".into(),
            title: None,
            email: None,
            phone: None,
            preferred_channel: None,
            language: None,
            note: None,
        };
        assert!(ContactDetails::parse(contact.clone()).is_ok());
        let patch = ContactPatch {
            name: Some(" ".into()),
            email: Some(Some("li.wei".into())),
            phone: Some(Some("ask".into())),
            language: Some(Some("c".into())),
            ..ContactPatch::default()
        };
        patch.apply(&mut contact);
        let faults = ContactDetails::parse(contact).expect_err("is wrong").into_vec();
        let found: Vec<_> = faults.iter().map(|fault| (fault.pointer.as_str(), fault.code.as_str())).collect();
        assert_eq!(
            found,
            [("/name", "blank"), ("/email", "bad-format"), ("/phone", "bad-format"), ("/language", "bad-format")]
        );
    }
}
