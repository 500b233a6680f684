//! Templates in the company's own words.

use complaints_contract::{Happening, MessageTemplate};
use database::{Conn, Instant, Tx, on};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::schema::message_templates;

#[derive(Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = message_templates, primary_key(step, language))]
struct TemplateRow {
    step: String,
    language: String,
    subject: String,
    body: String,
    enabled: bool,
    version: i64,
    updated_at: Instant,
    updated_by: String,
}

/// Those of a step in any of these languages.
pub async fn of(conn: &mut Conn, step: Happening, languages: &[String]) -> database::Result<Vec<MessageTemplate>> {
    let rows: Vec<TemplateRow> = on!(conn, |c| {
        message_templates::table
            .filter(message_templates::step.eq(step.as_str()))
            .filter(message_templates::language.eq_any(languages))
            .select(TemplateRow::as_select())
            .load(c)
            .await
    })?;
    rows.into_iter().map(TemplateRow::into_template).collect()
}

pub async fn all(conn: &mut Conn) -> database::Result<Vec<MessageTemplate>> {
    let rows: Vec<TemplateRow> =
        on!(conn, |c| message_templates::table.select(TemplateRow::as_select()).load(c).await)?;
    rows.into_iter().map(TemplateRow::into_template).collect()
}

/// Writes the template that follows `before`, unless somebody else has written one meanwhile.
pub async fn put(tx: &mut Tx, template: &MessageTemplate, actor: &str, at: Instant) -> database::Result<bool> {
    let row = TemplateRow {
        step: template.step.to_string(),
        language: template.language.clone(),
        subject: template.subject.clone(),
        body: template.body.clone(),
        enabled: template.enabled,
        version: template.version,
        updated_at: at,
        updated_by: actor.to_owned(),
    };
    let written = on!(tx, |c| {
        if row.version == 1 {
            diesel::insert_into(message_templates::table).values(&row).on_conflict_do_nothing().execute(c).await
        } else {
            let before = message_templates::table
                .find((&row.step, &row.language))
                .filter(message_templates::version.eq(row.version - 1));
            diesel::update(before).set(&row).execute(c).await
        }
    })?;
    Ok(written == 1)
}

impl TemplateRow {
    fn into_template(self) -> database::Result<MessageTemplate> {
        Ok(MessageTemplate {
            step: self.step.parse().map_err(database::Error::other)?,
            language: self.language,
            subject: self.subject,
            body: self.body,
            enabled: self.enabled,
            version: self.version,
            updated_at: Some(self.updated_at.into()),
            updated_by: Some(self.updated_by),
        })
    }
}
