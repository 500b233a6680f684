use std::collections::HashSet;

use chrono::NaiveDate;
use database::{Conn, Id, Instant, PageRequest, Result, Tx, insert_all, keyset, on};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use registry_contract::{CustomerId, CustomerLink, CustomerLinkId, LinkKind};

use super::Word;
use crate::domain::{Days, Link};
use crate::schema::{customer_links, customers};

/// Parents asked for at once; SQLite takes no more than some thousand values in a statement.
const AT_ONCE: usize = 500;

#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = customer_links, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct CustomerLinkRow {
    pub id: Id,
    pub child_id: Id,
    pub parent_id: Id,
    pub kind: Word<LinkKind>,
    pub from_day: NaiveDate,
    pub until_day: Option<NaiveDate>,
    pub version: i64,
    pub created_at: Instant,
    pub updated_at: Instant,
}

impl From<CustomerLinkRow> for CustomerLink {
    fn from(row: CustomerLinkRow) -> Self {
        Self {
            id: row.id.get(),
            child_id: row.child_id.get(),
            parent_id: row.parent_id.get(),
            kind: row.kind.0,
            from: row.from_day,
            until: row.until_day,
            version: row.version,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
        }
    }
}

impl CustomerLinkRow {
    /// A new link's row, version 1.
    pub fn new(link: &Link, kind: LinkKind, at: Instant) -> Self {
        Self {
            id: link.id.into(),
            child_id: link.child.into(),
            parent_id: link.parent.into(),
            kind: Word(kind),
            from_day: link.days.from,
            until_day: link.days.until,
            version: 1,
            created_at: at,
            updated_at: at,
        }
    }

    /// The link as the rules see it.
    pub fn link(&self) -> Link {
        Link {
            id: self.id.get(),
            child: self.child_id.get(),
            parent: self.parent_id.get(),
            days: Days { from: self.from_day, until: self.until_day },
        }
    }
}

pub async fn insert_customer_links(tx: &mut Tx, rows: &[CustomerLinkRow]) -> Result<()> {
    insert_all!(
        tx,
        customer_links,
        CustomerLinkRow { id, child_id, parent_id, kind, from_day, until_day, version, created_at, updated_at },
        rows
    )?;
    Ok(())
}

/// Writes the row over the version before it; false when that is no longer there.
pub async fn update_customer_link(tx: &mut Tx, row: &CustomerLinkRow) -> Result<bool> {
    let before =
        customer_links::table.filter(customer_links::id.eq(row.id)).filter(customer_links::version.eq(row.version - 1));
    let changed = on!(tx, |c| diesel::update(before).set(row).execute(c).await)?;
    Ok(changed == 1)
}

/// Ends a link on a day.
pub async fn end_customer_link(tx: &mut Tx, link: CustomerLinkId, day: NaiveDate, at: Instant) -> Result<()> {
    use customer_links::{until_day, updated_at, version};
    let one = customer_links::table.find(Id::from(link));
    let ended = (until_day.eq(Some(day)), version.eq(version + 1), updated_at.eq(at));
    on!(tx, |c| diesel::update(one).set(ended).execute(c).await)?;
    Ok(())
}

/// Lets a link begin on a later day; a new one stays for the days before, with the parent of these.
pub async fn split_customer_link(
    tx: &mut Tx,
    link: CustomerLinkId,
    (past, parent): (CustomerLinkId, CustomerId),
    day: NaiveDate,
    at: Instant,
) -> Result<()> {
    let Some(row) = find_customer_link(tx, link).await? else { return Ok(()) };
    let before = CustomerLinkRow {
        id: past.into(),
        parent_id: parent.into(),
        until_day: Some(day),
        version: 1,
        updated_at: at,
        ..row.clone()
    };
    insert_customer_links(tx, &[before]).await?;
    let after = CustomerLinkRow { from_day: day, version: row.version + 1, updated_at: at, ..row };
    update_customer_link(tx, &after).await.map(drop)
}

/// Makes the two one again, where they are of the same customers and nobody has parted them.
pub async fn rejoin_customer_link(tx: &mut Tx, link: CustomerLinkId, past: CustomerLinkId, at: Instant) -> Result<()> {
    let Some(row) = find_customer_link(tx, link).await? else { return Ok(()) };
    let Some(before) = find_customer_link(tx, past).await? else { return Ok(()) };
    if before.parent_id != row.parent_id || before.until_day != Some(row.from_day) {
        return Ok(());
    }
    let gone = customer_links::table.find(before.id);
    on!(tx, |c| diesel::delete(gone).execute(c).await)?;
    let after = CustomerLinkRow { from_day: before.from_day, version: row.version + 1, updated_at: at, ..row };
    update_customer_link(tx, &after).await.map(drop)
}

pub async fn find_customer_link(conn: &mut Conn, id: CustomerLinkId) -> Result<Option<CustomerLinkRow>> {
    let one = customer_links::table.find(Id::from(id));
    on!(conn, |c| one.select(CustomerLinkRow::as_select()).first(c).await.optional())
}

/// Whom a customer belonged to, belongs to and will belong to: one row more than the page holds.
pub async fn list_customer_links(
    conn: &mut Conn,
    child: CustomerId,
    page: &PageRequest,
) -> Result<Vec<CustomerLinkRow>> {
    on!(conn, |c| {
        let query = customer_links::table.filter(customer_links::child_id.eq(Id::from(child))).into_boxed::<Backend>();
        let query = keyset!(query, page, customer_links, { "from" => from_day: NaiveDate });
        query.select(CustomerLinkRow::as_select()).load(c).await
    })
}

pub async fn count_customer_links(conn: &mut Conn, child: CustomerId) -> Result<i64> {
    let query = customer_links::table.filter(customer_links::child_id.eq(Id::from(child))).count();
    on!(conn, |c| query.get_result(c).await)
}

/// All links of these customers, and of whoever they belong to at any time, upwards.
pub async fn links_above(conn: &mut Conn, from: &[CustomerId]) -> Result<Vec<CustomerLinkRow>> {
    let mut seen: HashSet<Id> = from.iter().map(|id| Id::from(*id)).collect();
    let mut level: Vec<Id> = seen.iter().copied().collect();
    let mut all = Vec::new();
    while !level.is_empty() {
        let own = customer_links::table.filter(customer_links::child_id.eq_any(&level));
        let rows: Vec<CustomerLinkRow> = on!(conn, |c| own.select(CustomerLinkRow::as_select()).load(c).await)?;
        level = rows.iter().map(|row| row.parent_id).filter(|parent| seen.insert(*parent)).collect();
        all.extend(rows);
    }
    Ok(all)
}

/// All links of whoever belongs to these customers on `since` or later, or at any time, downwards. Merged customers belong to
/// nobody.
pub async fn links_beneath(
    conn: &mut Conn,
    from: &[CustomerId],
    since: Option<NaiveDate>,
) -> Result<Vec<CustomerLinkRow>> {
    let mut seen: HashSet<Id> = from.iter().map(|id| Id::from(*id)).collect();
    let (mut all, mut level) = (Vec::new(), seen.iter().copied().collect::<Vec<_>>());
    while !level.is_empty() {
        let mut next = Vec::new();
        for parents in level.chunks(AT_ONCE) {
            let rows: Vec<CustomerLinkRow> = on!(conn, |c| {
                let merged = customers::table
                    .filter(customers::id.eq(customer_links::child_id))
                    .filter(customers::merged_into.is_not_null());
                let mut below = customer_links::table
                    .filter(customer_links::parent_id.eq_any(parents))
                    .filter(not(exists(merged)))
                    .into_boxed::<Backend>();
                if let Some(day) = since {
                    below = below.filter(customer_links::until_day.is_null().or(customer_links::until_day.gt(day)));
                }
                below.select(CustomerLinkRow::as_select()).load(c).await
            })?;
            next.extend(rows.iter().map(|row| row.child_id).filter(|child| seen.insert(*child)));
            all.extend(rows);
        }
        level = next;
    }
    Ok(all)
}

/// The links that hold on a day below a customer, as many levels of them; `most` and a few more at the most.
pub async fn links_below(
    conn: &mut Conn,
    top: CustomerId,
    day: NaiveDate,
    levels: usize,
    most: usize,
) -> Result<Vec<CustomerLinkRow>> {
    let (mut all, mut level) = (Vec::<CustomerLinkRow>::new(), vec![Id::from(top)]);
    for _ in 0..levels {
        let mut next = Vec::new();
        for parents in level.chunks(AT_ONCE) {
            let wanted = i64::try_from((most + 1).saturating_sub(all.len())).unwrap_or(0);
            // What a merged customer brought along is the survivor's own.
            let merged = customers::table
                .filter(customers::id.eq(customer_links::child_id))
                .filter(customers::merged_into.is_not_null());
            let below = customer_links::table
                .filter(customer_links::parent_id.eq_any(parents))
                .filter(customer_links::from_day.le(day))
                .filter(customer_links::until_day.is_null().or(customer_links::until_day.gt(day)))
                .filter(not(exists(merged)))
                .limit(wanted);
            let rows: Vec<CustomerLinkRow> = on!(conn, |c| below.select(CustomerLinkRow::as_select()).load(c).await)?;
            next.extend(rows.iter().map(|row| row.child_id));
            all.extend(rows);
        }
        if next.is_empty() || all.len() > most {
            break;
        }
        level = next;
    }
    Ok(all)
}

/// Customers whose parent is not the one of the link that holds on a day, the longest known first. Merged ones keep
/// what they have.
pub async fn customers_out_of_step(conn: &mut Conn, day: NaiveDate, most: i64) -> Result<Vec<CustomerId>> {
    let holds = || {
        let lasts = customer_links::until_day.is_null().or(customer_links::until_day.gt(day));
        customer_links::from_day.le(day).and(lasts)
    };
    let in_force = customer_links::table.filter(customer_links::child_id.eq(customers::id)).filter(holds());
    let moved = customers::table
        .inner_join(customer_links::table.on(customer_links::child_id.eq(customers::id)))
        .filter(holds())
        .filter(customers::merged_into.is_null())
        .filter(customers::parent_id.is_null().or(customers::parent_id.ne(customer_links::parent_id.nullable())))
        .select(customers::id)
        .order(customers::id)
        .limit(most);
    let mut ids: Vec<Id> = on!(conn, |c| moved.load(c).await)?;
    let freed = customers::table
        .filter(customers::merged_into.is_null())
        .filter(customers::parent_id.is_not_null())
        .filter(diesel::dsl::not(diesel::dsl::exists(in_force)))
        .select(customers::id)
        .order(customers::id)
        .limit(most);
    let freed: Vec<Id> = on!(conn, |c| freed.load(c).await)?;
    ids.extend(freed);
    Ok(ids.into_iter().map(|id| id.get()).collect())
}
