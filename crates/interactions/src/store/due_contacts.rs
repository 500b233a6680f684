//! Contacts that somebody is to make, as the services that want them told.

use database::{Conn, Id, Instant, PageRequest, Tx, keyset, on};
use diesel::prelude::*;
use diesel::upsert::excluded;
use diesel_async::RunQueryDsl;
use interactions_contract::{AgendaItem, AgendaQuery};
use registry_contract::CustomerId;

use super::{customers, interactions};
use crate::domain::{DueContact, EXECUTIVE_MEANS};
use crate::schema::due_contacts;

diesel::define_sql_function! {
    fn lower(text: diesel::sql_types::Text) -> diesel::sql_types::Text;
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = due_contacts, treat_none_as_default_value = false)]
struct DueContactRow {
    kind: String,
    subject_id: Id,
    id: Id,
    sequence: i64,
    open: bool,
    origin_id: Option<Id>,
    customer_id: Option<Id>,
    contact_id: Option<Id>,
    reference: String,
    owner: Option<String>,
    due_at: Instant,
    restricted: bool,
    proposed_at: Option<Instant>,
}

/// Keeps what is told unless something later is kept already. `customer` is what the customer told has become.
pub async fn keep(tx: &mut Tx, due: &DueContact, customer: Option<CustomerId>) -> database::Result<()> {
    use diesel::query_dsl::methods::FilterDsl as _;

    let row = DueContactRow {
        kind: due.kind.as_str().to_owned(),
        subject_id: due.subject_id.into(),
        id: due.id().into(),
        sequence: due.sequence,
        open: due.open,
        origin_id: due.customer_id.map(Id::from),
        customer_id: customer.map(Id::from),
        contact_id: due.contact_id.map(Id::from),
        reference: due.reference.clone(),
        owner: due.owner.clone(),
        due_at: due.due_at.into(),
        restricted: due.restricted,
        proposed_at: due.proposed_at.map(Instant::from),
    };
    on!(tx, |c| {
        diesel::insert_into(due_contacts::table)
            .values(&row)
            .on_conflict((due_contacts::kind, due_contacts::subject_id))
            .do_update()
            .set((
                due_contacts::sequence.eq(excluded(due_contacts::sequence)),
                due_contacts::open.eq(excluded(due_contacts::open)),
                due_contacts::origin_id.eq(excluded(due_contacts::origin_id)),
                due_contacts::customer_id.eq(excluded(due_contacts::customer_id)),
                due_contacts::contact_id.eq(excluded(due_contacts::contact_id)),
                due_contacts::reference.eq(excluded(due_contacts::reference)),
                due_contacts::owner.eq(excluded(due_contacts::owner)),
                due_contacts::due_at.eq(excluded(due_contacts::due_at)),
                due_contacts::restricted.eq(excluded(due_contacts::restricted)),
                due_contacts::proposed_at.eq(excluded(due_contacts::proposed_at)),
            ))
            .filter(due_contacts::sequence.lt(excluded(due_contacts::sequence)))
            .execute(c)
            .await
    })?;
    Ok(())
}

/// What was told of one customer is another's now, or its own again.
pub async fn redirect(tx: &mut Tx, origin: CustomerId, to: CustomerId) -> database::Result<()> {
    let own = due_contacts::table.filter(due_contacts::origin_id.eq(Id::from(origin)));
    on!(tx, |c| diesel::update(own).set(due_contacts::customer_id.eq(Id::from(to))).execute(c).await)?;
    Ok(())
}

/// Finds out of the contacts proposed with these customers, as they are after merges, whether an interaction has made
/// them, and who is to see to them: whoever owns the customer.
pub async fn settle(tx: &mut Tx, ids: &[Id]) -> database::Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    let rows = lock_proposed(tx, ids).await?;
    let Some(earliest) = rows.iter().filter_map(|row| row.proposed_at).min() else { return Ok(()) };
    let met = interactions::times(tx, ids, EXECUTIVE_MEANS, earliest).await?;
    let owners = customers::owners(tx, ids).await?;
    for row in rows {
        let open = !row.is_made_by(&met);
        let owner = row.customer_id.and_then(|id| owners.get(&id)).and_then(Option::as_deref);
        if (open, owner) == (row.open, row.owner.as_deref()) {
            continue;
        }
        let one = due_contacts::table.find((&row.kind, row.subject_id));
        let found = (due_contacts::open.eq(open), due_contacts::owner.eq(owner));
        on!(tx, |c| diesel::update(one).set(found).execute(c).await)?;
    }
    Ok(())
}

/// Before what they depend on is read, so that of two who settle one at once the later sees what the earlier did.
async fn lock_proposed(tx: &mut Tx, ids: &[Id]) -> database::Result<Vec<DueContactRow>> {
    let proposed = due_contacts::table
        .filter(due_contacts::proposed_at.is_not_null())
        .filter(due_contacts::customer_id.eq_any(ids))
        .order((due_contacts::kind, due_contacts::subject_id));
    on!(tx,
        pg: |c| proposed.select(DueContactRow::as_select()).for_update().load(c).await,
        // A transaction of SQLite has the database for itself.
        lite: |c| proposed.select(DueContactRow::as_select()).load(c).await
    )
}

/// What a list is narrowed to, with every customer known by its id.
pub struct Filter {
    pub customers: Option<Vec<Id>>,
    /// User name of who looks, in lower case; nobody's, when a program does.
    pub login: Option<String>,
    pub query: AgendaQuery,
}

macro_rules! filtered {
    ($filter:expr) => {{
        let Filter { customers, login, query } = $filter;
        // As a bare column: a bound value would hide from the planner that the partial indexes serve.
        let mut rows = due_contacts::table.filter(due_contacts::open).into_boxed::<Backend>();
        rows = match login {
            Some(login) => rows.filter(due_contacts::restricted.eq(false).or(
                due_contacts::owner.is_not_null().and(lower(due_contacts::owner.assume_not_null()).eq(login.clone())),
            )),
            None => rows.filter(due_contacts::restricted.eq(false)),
        };
        if let Some(ids) = customers {
            rows = rows.filter(due_contacts::customer_id.eq_any(ids.clone()));
        }
        if let Some(owners) = &query.owner {
            rows = rows.filter(due_contacts::owner.eq_any(owners.0.clone()));
        }
        if let Some(until) = query.until {
            rows = rows.filter(due_contacts::due_at.lt(Instant::from(until)));
        }
        if let Some(kinds) = &query.kind {
            let words: Vec<_> = kinds.0.iter().map(|kind| kind.as_str()).collect();
            rows = rows.filter(due_contacts::kind.eq_any(words));
        }
        rows
    }};
}

/// One row more than the page holds, so that the caller knows whether there is a next one.
pub async fn list(conn: &mut Conn, filter: &Filter, page: &PageRequest) -> database::Result<Vec<AgendaItem>> {
    let rows: Vec<DueContactRow> = on!(conn, |c| {
        let query = filtered!(filter).select(DueContactRow::as_select());
        let query = keyset!(query, page, due_contacts, { "due_at" => due_at: Instant });
        query.load(c).await
    })?;
    rows.into_iter().map(DueContactRow::into_item).collect()
}

pub async fn count(conn: &mut Conn, filter: &Filter) -> database::Result<i64> {
    on!(conn, |c| filtered!(filter).count().get_result(c).await)
}

impl DueContactRow {
    /// Whether any of these interactions was with its customer, since it was proposed.
    fn is_made_by(&self, met: &[(Id, Instant)]) -> bool {
        let since = |at: Instant| self.proposed_at.is_some_and(|proposed| at >= proposed);
        met.iter().any(|(customer, at)| self.customer_id == Some(*customer) && since(*at))
    }

    fn into_item(self) -> database::Result<AgendaItem> {
        Ok(AgendaItem {
            id: self.id.get(),
            kind: self.kind.parse().map_err(database::Error::other)?,
            subject_id: self.subject_id.get(),
            reference: self.reference,
            customer_id: self.customer_id.map(Id::get),
            contact_id: self.contact_id.map(Id::get),
            owner: self.owner,
            due_at: self.due_at.into(),
            restricted: self.restricted,
        })
    }
}
