use registry_contract::{Contact, ContactChannel, ContactPoint};

use super::{Cell, chosen};
use crate::domain::Faults;

/// Code and name of the contact's customer, where they may be told.
type Whose<'a> = Option<&'a (String, String)>;

type Read = fn(&Contact, Whose<'_>) -> Cell;

#[rustfmt::skip]
const COLUMNS: &[(&str, Read)] = &[
    ("customer_code", |_, whose| Cell::optional(whose.map(|(code, _)| code.as_str()))),
    ("customer_name", |_, whose| Cell::optional(whose.map(|(_, name)| name.as_str()))),
    ("name", |c, _| Cell::Text(c.name.clone())),
    ("title", |c, _| Cell::optional(c.title.as_deref())),
    ("email", |c, _| Cell::optional(c.email.as_deref())),
    ("phone", |c, _| Cell::optional(c.phone.as_deref())),
    ("mobile", |c, _| Cell::optional(c.mobile.as_deref())),
    ("contact_points", |c, _| Cell::list(c.contact_points.iter().map(point))),
    ("preferred_channel", |c, _| Cell::optional(c.preferred_channel.map(ContactChannel::as_str))),
    ("language", |c, _| Cell::optional(c.language.as_deref())),
    ("topics", |c, _| Cell::list(c.topics.iter().cloned())),
    ("note", |c, _| Cell::optional(c.note.as_deref())),
    ("id", |c, _| Cell::Text(c.id.to_string())),
    ("customer_id", |c, _| Cell::Text(c.customer_id.to_string())),
    ("version", |c, _| Cell::number(Some(c.version))),
    ("created_at", |c, _| Cell::instant(c.created_at)),
    ("updated_at", |c, _| Cell::instant(c.updated_at)),
];

/// What the contact's own record does not tell.
const OF_CUSTOMER: &[&str] = &["customer_code", "customer_name"];

fn point(point: &ContactPoint) -> String {
    format!("{}:{}:{}", point.kind, point.label, point.value)
}

/// A column of a file of contacts.
#[derive(Debug, Clone, Copy)]
pub struct ContactColumn {
    name: &'static str,
    read: Read,
}

impl ContactColumn {
    pub fn all() -> Vec<Self> {
        COLUMNS.iter().map(|&(name, read)| Self { name, read }).collect()
    }

    /// The columns with these names, comma-separated, in their order.
    pub fn named(names: &str) -> Result<Vec<Self>, Faults> {
        chosen(names, |name| Self::all().into_iter().find(|column| column.name == name))
    }

    pub fn name(self) -> &'static str {
        self.name
    }

    /// Whether it tells of the customer, and is empty for those who may not read customers.
    pub fn is_of_customer(self) -> bool {
        OF_CUSTOMER.contains(&self.name)
    }

    pub fn cell(self, contact: &Contact, whose: Whose<'_>) -> Cell {
        (self.read)(contact, whose)
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use registry_contract::{ContactPointKind, ContactPointLabel};
    use uuid::Uuid;

    use super::*;

    fn text(cell: Cell) -> String {
        match cell {
            Cell::Empty => String::new(),
            Cell::Text(text) | Cell::Number(text) => text,
        }
    }

    #[test]
    fn a_contact_is_one_row() {
        let point = |kind, label, value: &str| ContactPoint { kind, label, value: value.to_owned() };
        let contact = Contact {
            id: Uuid::nil().into(),
            customer_id: Uuid::nil().into(),
            name: "李伟".into(),
            title: Some("CTO".into()),
            email: None,
            phone: Some("+86 755 1".into()),
            mobile: None,
            contact_points: vec![
                point(ContactPointKind::Phone, ContactPointLabel::Fax, "110"),
                point(ContactPointKind::Email, ContactPointLabel::Home, "li@home.cn"),
            ],
            preferred_channel: Some(ContactChannel::Im),
            language: Some("zh-CN".into()),
            topics: vec!["5g".into(), "云".into()],
            note: None,
            version: 2,
            created_at: DateTime::UNIX_EPOCH,
            updated_at: DateTime::UNIX_EPOCH,
            erased_at: None,
        };
        let columns = ContactColumn::named(
            "customer_code,name,title,email,phone,contact_points,preferred_channel,language,topics,version,updated_at",
        )
        .expect("columns");
        let acme = ("C-000001".to_owned(), "Acme".to_owned());
        let row = |whose| columns.iter().map(|column| text(column.cell(&contact, whose))).collect::<Vec<_>>().join("|");
        let own =
            "李伟|CTO||+86 755 1|phone:fax:110;email:home:li@home.cn|im|zh-CN|5g;云|2|1970-01-01T00:00:00.000000Z";
        assert_eq!(row(Some(&acme)), format!("C-000001|{own}"));
        assert_eq!(row(None), format!("|{own}"));
    }

    #[test]
    fn columns_are_found_by_their_names() {
        let names: Vec<_> = ContactColumn::all().into_iter().map(ContactColumn::name).collect();
        let named = ContactColumn::named(&names.join(", ")).expect("all of them");
        assert_eq!(named.into_iter().map(ContactColumn::name).collect::<Vec<_>>(), names);
        let faults = ContactColumn::named("name,shoe_size,name").expect_err("two faults").into_vec();
        let codes: Vec<_> = faults.iter().map(|fault| fault.code.as_str()).collect();
        assert_eq!(codes, ["unknown-column", "not-unique"]);
    }
}
