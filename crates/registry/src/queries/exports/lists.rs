use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use database::{Db, Id, PageRequest};
use futures::FutureExt;
use futures::future::LocalBoxFuture;
use registry_contract::{
    CustomerId, DuplicateQuery, EmployeeQuery, LineStructure, OfCustomers, Position, PositionQuery, Qualification,
    ShareHolder, ShareRecord, TeamMember, TeamMemberQuery, TierProposalQuery, Vendor, VendorId,
};
use serde_json::json;
use uuid::Uuid;

use super::{Export, PAGE, Rows};
use crate::domain::export::{
    Called, Cell, Column, DUPLICATES, EMPLOYEES, EmployeeLine, MEMBERS, MemberLine, POSITIONS, PROPOSALS, PositionLine,
    ProposalLine, QUALIFICATIONS, QualificationLine, ShareOfLine, VENDOR_SHARES, VENDORS, VendorLine, columns,
};
use crate::domain::{Sight, structure};
use crate::error::{Error, Result};
use crate::queries::{list_duplicates, list_employees, list_tier_proposals};
use crate::store;

/// Periods of which the shares are read at once: each has up to some thousands of them.
const PERIODS: i64 = 50;

/// Rows behind one, and the id of the last of them.
type Page = LocalBoxFuture<'static, Result<Option<(Id, Rows)>>>;

/// A list of things of which each is a row, with the columns that are wanted.
pub struct ListExport {
    pub(super) name: &'static str,
    pub(super) header: Vec<&'static str>,
    pub(super) withheld: Vec<&'static str>,
    pub(super) page: Box<dyn Fn(Db, Option<Id>) -> Page + Send>,
}

impl ListExport {
    /// With the columns of these names, or all. `read` gets the things behind that of an id, in the order of ids.
    fn of<T: 'static, F>(
        name: &'static str,
        all: &'static [Column<T>],
        names: Option<&str>,
        id: fn(&T) -> Id,
        read: impl Fn(Db, Option<Id>) -> F + Send + 'static,
    ) -> Result<Self>
    where
        F: Future<Output = Result<Vec<T>>> + 'static,
    {
        let columns = columns(all, names).map_err(|faults| Error::QueryInvalid(faults.into_vec()))?;
        let header = columns.iter().map(|(name, _)| *name).collect();
        let columns = Arc::new(columns);
        let page = move |db: Db, after: Option<Id>| -> Page {
            let (columns, things) = (columns.clone(), read(db, after));
            async move {
                let things = things.await?;
                let row = |thing: &T| -> Vec<Cell> { columns.iter().map(|(_, read)| read(thing)).collect() };
                Ok::<_, Error>(things.last().map(|last| (id(last), things.iter().map(row).collect())))
            }
            .boxed_local()
        };
        Ok(Self { name, header, withheld: vec![], page: Box::new(page) })
    }

    /// Some of the columns stay empty.
    fn without(mut self, empty: &[&str]) -> Self {
        self.withheld = self.header.iter().copied().filter(|name| empty.contains(name)).collect();
        self
    }
}

/// The part of a list behind an id, as many as are read at once. Lists read one more than their pages show.
fn behind(after: Option<Id>) -> PageRequest {
    let after = after.map(|id| vec![json!(id.get::<Uuid>())]);
    PageRequest { limit: PAGE - 1, sort: vec![], after, count: false }
}

/// What an id stands for, where that is known.
fn called<K: Eq + Hash>(known: &HashMap<K, (String, String)>, id: K) -> Called {
    known.get(&id).cloned()
}

/// Pairs that may be one customer.
pub fn export_duplicates(wanted: DuplicateQuery, names: Option<&str>, sight: Sight) -> Result<Export> {
    ListExport::of(
        "duplicates",
        DUPLICATES,
        names,
        |pair| pair.id.into(),
        move |db, after| {
            let wanted = wanted.clone();
            async move { list_duplicates(&db, &wanted, sight, &behind(after)).await.map(|listed| listed.items) }
        },
    )
    .map(Export::List)
}

/// Our own people.
pub fn export_employees(wanted: EmployeeQuery, names: Option<&str>) -> Result<Export> {
    ListExport::of(
        "employees",
        EMPLOYEES,
        names,
        |line| line.employee.id.into(),
        move |db, after| {
            let wanted = wanted.clone();
            async move { employee_lines(&db, &wanted, after).await }
        },
    )
    .map(Export::List)
}

async fn employee_lines(db: &Db, wanted: &EmployeeQuery, after: Option<Id>) -> Result<Vec<EmployeeLine>> {
    let employees = list_employees(db, wanted, &behind(after)).await?.items;
    let conn = &mut db.read().await?;
    let teams: Vec<Id> = employees.iter().filter_map(|one| one.team_id).map(Id::from).collect();
    let teams = store::codes_of_teams(conn, &teams).await?;
    let managers: Vec<Id> = employees.iter().filter_map(|one| one.manager_id).map(Id::from).collect();
    let managers = store::employees_called(conn, &managers).await?;
    let lines = employees.into_iter().map(|employee| EmployeeLine {
        team: employee.team_id.and_then(|id| teams.get(&id).cloned()),
        manager: employee.manager_id.and_then(|id| called(&managers, id)).map(|(code, _)| code),
        employee,
    });
    Ok(lines.collect())
}

/// Who works for whom.
pub fn export_team_members(of: OfCustomers, wanted: TeamMemberQuery, names: Option<&str>) -> Result<Export> {
    ListExport::of(
        "team_members",
        MEMBERS,
        names,
        |line| line.member.id.into(),
        move |db, after| {
            let (of, wanted) = (of.clone(), wanted.clone());
            async move { member_lines(&db, &of, &wanted, after).await }
        },
    )
    .map(Export::List)
}

async fn member_lines(
    db: &Db,
    of: &OfCustomers,
    wanted: &TeamMemberQuery,
    after: Option<Id>,
) -> Result<Vec<MemberLine>> {
    let conn = &mut db.read().await?;
    let rows = store::team_members_asked_after(conn, of, wanted, after, PAGE).await?;
    let customers: Vec<Id> = rows.iter().map(|row| row.customer_id).collect();
    let customers = store::codes_and_names_of(conn, &customers).await?;
    let employees: Vec<Id> = rows.iter().map(|row| row.employee_id).collect();
    let employees = store::employees_called(conn, &employees).await?;
    let lines = rows.into_iter().map(TeamMember::from).map(|member| MemberLine {
        customer: called(&customers, member.customer_id),
        employee: called(&employees, member.employee_id),
        member,
    });
    Ok(lines.collect())
}

/// Seats, of customers that are named only to whoever may read them.
pub fn export_positions(
    of: OfCustomers,
    wanted: PositionQuery,
    names: Option<&str>,
    reads_customers: bool,
) -> Result<Export> {
    let list = ListExport::of(
        "positions",
        POSITIONS,
        names,
        |line| line.position.id.into(),
        move |db, after| {
            let (of, wanted) = (of.clone(), wanted.clone());
            async move { position_lines(&db, &of, &wanted, after, reads_customers).await }
        },
    )?;
    Ok(Export::List(if reads_customers { list } else { list.without(&["customer_code", "customer_name"]) }))
}

async fn position_lines(
    db: &Db,
    of: &OfCustomers,
    wanted: &PositionQuery,
    after: Option<Id>,
    reads_customers: bool,
) -> Result<Vec<PositionLine>> {
    let conn = &mut db.read().await?;
    let rows = store::positions_asked_after(conn, of, wanted, after, PAGE).await?;
    let customers = match reads_customers {
        true => {
            let ids: Vec<Id> = rows.iter().map(|row| row.customer_id).collect();
            store::codes_and_names_of(conn, &ids).await?
        }
        false => HashMap::new(),
    };
    let above: Vec<Id> = rows.iter().filter_map(|row| row.reports_to).collect();
    let titles: HashMap<Id, String> = store::titles_of(conn, &above).await?.into_iter().collect();
    let lines = rows.into_iter().map(|row| PositionLine {
        above: row.reports_to.and_then(|id| titles.get(&id).cloned()),
        customer: called(&customers, row.customer_id.get()),
        position: Position::from(row),
    });
    Ok(lines.collect())
}

/// Proposals of tiers; `caller` is who asks: for what awaits him.
pub fn export_tier_proposals(wanted: TierProposalQuery, names: Option<&str>, caller: &str) -> Result<Export> {
    let caller: Arc<str> = caller.into();
    ListExport::of(
        "tier_proposals",
        PROPOSALS,
        names,
        |line| line.proposal.id.into(),
        move |db, after| {
            let (wanted, caller) = (wanted.clone(), caller.clone());
            async move { proposal_lines(&db, &wanted, &caller, after).await }
        },
    )
    .map(Export::List)
}

async fn proposal_lines(
    db: &Db,
    wanted: &TierProposalQuery,
    caller: &str,
    after: Option<Id>,
) -> Result<Vec<ProposalLine>> {
    let proposals = list_tier_proposals(db, wanted, caller, &behind(after)).await?.items;
    let ids: Vec<Id> = proposals.iter().map(|proposal| proposal.customer_id.into()).collect();
    let customers = store::codes_and_names_of(&mut db.read().await?, &ids).await?;
    let lines = proposals
        .into_iter()
        .map(|proposal| ProposalLine { customer: called(&customers, proposal.customer_id), proposal });
    Ok(lines.collect())
}

/// How prospects were scored, and what was made of it.
pub fn export_qualifications(of: OfCustomers, names: Option<&str>) -> Result<Export> {
    ListExport::of(
        "qualifications",
        QUALIFICATIONS,
        names,
        |line| line.qualification.id.into(),
        move |db, after| {
            let of = of.clone();
            async move { qualification_lines(&db, &of, after).await }
        },
    )
    .map(Export::List)
}

async fn qualification_lines(db: &Db, of: &OfCustomers, after: Option<Id>) -> Result<Vec<QualificationLine>> {
    let conn = &mut db.read().await?;
    let rows = store::qualifications_of_after(conn, of, after, PAGE).await?;
    let ids: Vec<Id> = rows.iter().map(|row| row.customer_id).collect();
    let customers = store::codes_and_names_of(conn, &ids).await?;
    let lines = rows.into_iter().map(|row| {
        let qualification = Qualification::try_from(row)?;
        Ok(QualificationLine { customer: called(&customers, qualification.customer_id), qualification })
    });
    Ok(lines.collect::<database::Result<_>>()?)
}

/// Who else sells to customers.
pub fn export_vendors(of: OfCustomers, names: Option<&str>) -> Result<Export> {
    ListExport::of(
        "vendors",
        VENDORS,
        names,
        |line| line.vendor.id.into(),
        move |db, after| {
            let of = of.clone();
            async move { vendor_lines(&db, &of, after).await }
        },
    )
    .map(Export::List)
}

async fn vendor_lines(db: &Db, of: &OfCustomers, after: Option<Id>) -> Result<Vec<VendorLine>> {
    let conn = &mut db.read().await?;
    let rows = store::vendors_of_after(conn, of, after, PAGE).await?;
    let customers: Vec<Id> = rows.iter().map(|row| row.customer_id).collect();
    let customers = store::codes_and_names_of(conn, &customers).await?;
    let twins: Vec<Id> = rows.iter().filter_map(|row| row.same_as).collect();
    let twins = store::vendors_called(conn, &twins).await?;
    let lines = rows.into_iter().map(|row| {
        let vendor = Vendor::try_from(row)?;
        let twin = vendor.same_as.and_then(|id| twins.get(&id).cloned());
        Ok(VendorLine { customer: called(&customers, vendor.customer_id), twin, vendor })
    });
    Ok(lines.collect::<database::Result<_>>()?)
}

/// Who has which share, in each period what counts.
pub fn export_vendor_shares(of: OfCustomers, names: Option<&str>) -> Result<Export> {
    ListExport::of(
        "vendor_shares",
        VENDOR_SHARES,
        names,
        |line| line.record.id.into(),
        move |db, after| {
            let of = of.clone();
            async move { share_lines(&db, &of, after).await }
        },
    )
    .map(Export::List)
}

async fn share_lines(db: &Db, of: &OfCustomers, after: Option<Id>) -> Result<Vec<ShareOfLine>> {
    let conn = &mut db.read().await?;
    let rows = store::current_share_tables_after(conn, of, after, PERIODS).await?;
    let ids: Vec<Id> = rows.iter().map(|row| row.customer_id).collect();
    let customers = store::codes_and_names_of(conn, &ids).await?;
    let mut vendors: HashMap<CustomerId, HashMap<VendorId, Vendor>> = HashMap::new();
    for vendor in store::vendors_of(conn, &ids).await? {
        vendors.entry(vendor.customer_id).or_default().insert(vendor.id, vendor);
    }
    let mut lines = Vec::new();
    for row in rows {
        let customer_id: CustomerId = row.customer_id.get();
        let record = Arc::new(ShareRecord::try_from(row)?);
        let known = structure(&record.lines, vendors.entry(customer_id).or_default());
        lines.extend(shares_of(known).into_iter().map(|(line, holder)| ShareOfLine {
            record: record.clone(),
            customer_id,
            customer: called(&customers, customer_id),
            line,
            holder,
        }));
    }
    Ok(lines)
}

/// Each share of a period with its line. There is always one, so that whoever reads on knows where.
fn shares_of(lines: Vec<LineStructure>) -> Vec<(Option<Arc<LineStructure>>, Option<ShareHolder>)> {
    let mut shares = Vec::new();
    for mut line in lines {
        let holders = std::mem::take(&mut line.holders);
        let line = Arc::new(line);
        if holders.is_empty() {
            shares.push((Some(line), None));
        } else {
            shares.extend(holders.into_iter().map(|holder| (Some(line.clone()), Some(holder))));
        }
    }
    if shares.is_empty() {
        shares.push((None, None));
    }
    shares
}
