use std::collections::HashMap;

use database::{Conn, Id, Instant, PageRequest, Tx, keyset, on};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use interactions_contract::{Interaction, InteractionId, InteractionQuery, Means};
use wire::Reference;

use super::customers::known;
use crate::schema::{interaction_contacts, interaction_staff, interactions};

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = interactions)]
pub struct InteractionRow {
    id: Id,
    code: String,
    customer_id: Id,
    occurred_at: Instant,
    duration_minutes: Option<i32>,
    channel: String,
    means: String,
    subject: String,
    notes: Option<String>,
    outcome: Option<i16>,
    next_step: Option<String>,
    version: i64,
    created_at: Instant,
    updated_at: Instant,
}

#[derive(AsChangeset)]
#[diesel(table_name = interactions, treat_none_as_null = true)]
struct Changes<'a> {
    customer_id: Id,
    occurred_at: Instant,
    duration_minutes: Option<i32>,
    channel: &'a str,
    means: &'a str,
    subject: &'a str,
    notes: Option<&'a str>,
    outcome: Option<i16>,
    next_step: Option<&'a str>,
    version: i64,
    updated_at: Instant,
}

pub async fn insert(tx: &mut Tx, interaction: &Interaction) -> database::Result<()> {
    let row = InteractionRow {
        id: interaction.id.into(),
        code: interaction.code.clone(),
        customer_id: interaction.customer_id.into(),
        occurred_at: interaction.occurred_at.into(),
        duration_minutes: interaction.duration_minutes,
        channel: interaction.channel.as_str().to_owned(),
        means: interaction.means.as_str().to_owned(),
        subject: interaction.subject.clone(),
        notes: interaction.notes.clone(),
        outcome: interaction.outcome,
        next_step: interaction.next_step.clone(),
        version: interaction.version,
        created_at: interaction.created_at.into(),
        updated_at: interaction.updated_at.into(),
    };
    on!(tx, |c| diesel::insert_into(interactions::table).values(&row).execute(c).await)?;
    insert_people(tx, interaction).await
}

/// To be called on an interaction locked by [`lock`].
pub async fn replace(tx: &mut Tx, interaction: &Interaction) -> database::Result<()> {
    let id = Id::from(interaction.id);
    let changes = Changes {
        customer_id: interaction.customer_id.into(),
        occurred_at: interaction.occurred_at.into(),
        duration_minutes: interaction.duration_minutes,
        channel: interaction.channel.as_str(),
        means: interaction.means.as_str(),
        subject: &interaction.subject,
        notes: interaction.notes.as_deref(),
        outcome: interaction.outcome,
        next_step: interaction.next_step.as_deref(),
        version: interaction.version,
        updated_at: interaction.updated_at.into(),
    };
    on!(tx, |c| {
        diesel::update(interactions::table.find(id)).set(&changes).execute(c).await?;
        diesel::delete(interaction_contacts::table.filter(interaction_contacts::interaction_id.eq(id)))
            .execute(c)
            .await?;
        diesel::delete(interaction_staff::table.filter(interaction_staff::interaction_id.eq(id))).execute(c).await
    })?;
    insert_people(tx, interaction).await
}

async fn insert_people(tx: &mut Tx, interaction: &Interaction) -> database::Result<()> {
    let id = Id::from(interaction.id);
    for (place, contact) in (0..).zip(&interaction.contact_ids) {
        let row = (
            interaction_contacts::interaction_id.eq(id),
            interaction_contacts::place.eq(place),
            interaction_contacts::contact_id.eq(Id::from(*contact)),
        );
        on!(tx, |c| diesel::insert_into(interaction_contacts::table).values(row).execute(c).await)?;
    }
    for (place, staff) in (0..).zip(&interaction.staff) {
        let row = (
            interaction_staff::interaction_id.eq(id),
            interaction_staff::place.eq(place),
            interaction_staff::staff.eq(staff),
        );
        on!(tx, |c| diesel::insert_into(interaction_staff::table).values(row).execute(c).await)?;
    }
    Ok(())
}

/// The interaction, which nobody else can change until the transaction ends.
pub async fn lock(tx: &mut Tx, reference: &Reference<InteractionId>) -> database::Result<Option<Interaction>> {
    on!(tx,
        pg: |c| {
            let query = interactions::table.select(interactions::id).for_update();
            match reference {
                Reference::Id(id) => query.filter(interactions::id.eq(Id::from(*id))).first::<Id>(c).await.optional(),
                Reference::Code(code) => query.filter(interactions::code.eq(code)).first(c).await.optional(),
            }
        },
        // A transaction of SQLite has the database for itself.
        lite: |_c| Ok(None)
    )?;
    find(tx, reference).await
}

pub async fn find(conn: &mut Conn, reference: &Reference<InteractionId>) -> database::Result<Option<Interaction>> {
    let row: Option<InteractionRow> = match reference {
        Reference::Id(id) => on!(conn, |c| {
            interactions::table.find(Id::from(*id)).select(InteractionRow::as_select()).first(c).await.optional()
        })?,
        Reference::Code(code) => on!(conn, |c| {
            interactions::table
                .filter(interactions::code.eq(code))
                .select(InteractionRow::as_select())
                .first(c)
                .await
                .optional()
        })?,
    };
    Ok(assemble(conn, row.into_iter().collect()).await?.pop())
}

/// Those of the ids that exist, by id.
pub async fn find_all(conn: &mut Conn, ids: &[Id]) -> database::Result<Vec<Interaction>> {
    let rows: Vec<InteractionRow> = on!(conn, |c| {
        interactions::table
            .filter(interactions::id.eq_any(ids))
            .order(interactions::id)
            .select(InteractionRow::as_select())
            .load(c)
            .await
    })?;
    assemble(conn, rows).await
}

/// The next `limit` interactions after an id, by id: for walking through all of them.
pub async fn after(conn: &mut Conn, last: Option<Id>, limit: i64) -> database::Result<Vec<Interaction>> {
    let last = last.unwrap_or_else(|| Id::from(uuid::Uuid::nil()));
    let rows: Vec<InteractionRow> = on!(conn, |c| {
        interactions::table
            .filter(interactions::id.gt(last))
            .order(interactions::id)
            .limit(limit)
            .select(InteractionRow::as_select())
            .load(c)
            .await
    })?;
    assemble(conn, rows).await
}

/// When interactions by these means took place, and with which of the customers, from an instant on.
pub async fn times(
    conn: &mut Conn,
    customers: &[Id],
    means: Means,
    since: Instant,
) -> database::Result<Vec<(Id, Instant)>> {
    on!(conn, |c| {
        interactions::table
            .filter(interactions::customer_id.eq_any(customers))
            .filter(interactions::means.eq(means.as_str()))
            .filter(interactions::occurred_at.ge(since))
            .select((interactions::customer_id, interactions::occurred_at))
            .load(c)
            .await
    })
}

/// What a list is narrowed to, with every customer known by its id.
pub struct Filter {
    pub customers: Option<Vec<Id>>,
    pub query: InteractionQuery,
}

macro_rules! filtered {
    ($filter:expr) => {{
        let Filter { customers, query } = $filter;
        let mut rows = interactions::table.into_boxed::<Backend>();
        if let Some(ids) = customers {
            rows = rows.filter(interactions::customer_id.eq_any(ids.clone()));
        }
        if let Some(contacts) = &query.contact_id {
            let ids: Vec<Id> = contacts.0.iter().map(|id| Id::from(*id)).collect();
            let present = interaction_contacts::table
                .filter(interaction_contacts::contact_id.eq_any(ids))
                .select(interaction_contacts::interaction_id);
            rows = rows.filter(interactions::id.eq_any(present));
        }
        if let Some(staff) = &query.staff {
            let present = interaction_staff::table
                .filter(interaction_staff::staff.eq_any(staff.0.clone()))
                .select(interaction_staff::interaction_id);
            rows = rows.filter(interactions::id.eq_any(present));
        }
        if let Some(channels) = &query.channel {
            let words: Vec<_> = channels.0.iter().map(|channel| channel.as_str()).collect();
            rows = rows.filter(interactions::channel.eq_any(words));
        }
        if let Some(means) = &query.means {
            let words: Vec<_> = means.0.iter().map(|means| means.as_str()).collect();
            rows = rows.filter(interactions::means.eq_any(words));
        }
        if let Some(from) = query.from {
            rows = rows.filter(interactions::occurred_at.ge(Instant::from(from)));
        }
        if let Some(until) = query.until {
            rows = rows.filter(interactions::occurred_at.lt(Instant::from(until)));
        }
        if let Some(since) = query.updated_since {
            rows = rows.filter(interactions::updated_at.ge(Instant::from(since)));
        }
        rows
    }};
}

/// One row more than the page holds, so that the caller knows whether there is a next one.
pub async fn list(conn: &mut Conn, filter: &Filter, page: &PageRequest) -> database::Result<Vec<Interaction>> {
    let rows: Vec<InteractionRow> = on!(conn, |c| {
        let query = filtered!(filter).select(InteractionRow::as_select());
        let query = keyset!(query, page, interactions, {
            "occurred_at" => occurred_at: Instant,
            "created_at" => created_at: Instant,
            "updated_at" => updated_at: Instant,
        });
        query.load(c).await
    })?;
    assemble(conn, rows).await
}

pub async fn count(conn: &mut Conn, filter: &Filter) -> database::Result<i64> {
    on!(conn, |c| filtered!(filter).count().get_result(c).await)
}

async fn assemble(conn: &mut Conn, rows: Vec<InteractionRow>) -> database::Result<Vec<Interaction>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<Id> = rows.iter().map(|row| row.id).collect();
    let contacts: Vec<(Id, Id)> = on!(conn, |c| {
        interaction_contacts::table
            .filter(interaction_contacts::interaction_id.eq_any(&ids))
            .order((interaction_contacts::interaction_id, interaction_contacts::place))
            .select((interaction_contacts::interaction_id, interaction_contacts::contact_id))
            .load(c)
            .await
    })?;
    let staff: Vec<(Id, String)> = on!(conn, |c| {
        interaction_staff::table
            .filter(interaction_staff::interaction_id.eq_any(&ids))
            .order((interaction_staff::interaction_id, interaction_staff::place))
            .select((interaction_staff::interaction_id, interaction_staff::staff))
            .load(c)
            .await
    })?;
    let known = known(conn, rows.iter().map(|row| row.customer_id).collect()).await?;
    let (mut contacts, mut staff) = (by_interaction(contacts), by_interaction(staff));
    rows.into_iter()
        .map(|row| {
            let present = contacts.remove(&row.id).unwrap_or_default();
            let ours = staff.remove(&row.id).unwrap_or_default();
            let customer_known = known.contains(&row.customer_id);
            row.into_interaction(customer_known, present, ours)
        })
        .collect()
}

fn by_interaction<T>(pairs: Vec<(Id, T)>) -> HashMap<Id, Vec<T>> {
    let mut grouped: HashMap<Id, Vec<T>> = HashMap::new();
    for (id, value) in pairs {
        grouped.entry(id).or_default().push(value);
    }
    grouped
}

impl InteractionRow {
    fn into_interaction(
        self,
        customer_known: bool,
        contacts: Vec<Id>,
        staff: Vec<String>,
    ) -> database::Result<Interaction> {
        Ok(Interaction {
            id: self.id.get(),
            code: self.code,
            customer_id: self.customer_id.get(),
            customer_known,
            occurred_at: self.occurred_at.into(),
            duration_minutes: self.duration_minutes,
            channel: self.channel.parse().map_err(database::Error::other)?,
            means: self.means.parse().map_err(database::Error::other)?,
            subject: self.subject,
            notes: self.notes,
            outcome: self.outcome,
            contact_ids: contacts.into_iter().map(Id::get).collect(),
            staff,
            next_step: self.next_step,
            version: self.version,
            created_at: self.created_at.into(),
            updated_at: self.updated_at.into(),
        })
    }
}
