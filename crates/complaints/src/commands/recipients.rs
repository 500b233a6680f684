//! Who of our people stands for the roles of a ladder.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use complaints_contract::Role;
use complaints_contract::v1::Recipient;
use database::{Id, Tx};

use crate::domain::Complaint;
use crate::store::employees::{self, Colleague};
use crate::store::{customers, customers::Known};

/// How far up somebody is looked for who has not left us; events may tell of a circle for a while.
const HIGHEST: usize = 20;

/// User names, of the roles that somebody is known to stand for.
pub(super) type People = BTreeMap<Role, String>;

/// Who stands for these roles towards a complaint on that day. For none where it is about our people: it may be the very one.
pub(super) async fn people(
    tx: &mut Tx,
    complaint: &Complaint,
    roles: &[Role],
    today: NaiveDate,
) -> database::Result<People> {
    let mut people = People::new();
    if complaint.details.about_staff.is_some() {
        return Ok(people);
    }
    let handler = complaint.details.handler.clone();
    let owner = match complaint.customer.id {
        Some(customer) => customers::known(tx, customer).await?.and_then(|Known { owner, .. }| owner),
        None => None,
    };
    if roles.contains(&Role::Lead) || roles.contains(&Role::Head) {
        let mut found = None;
        for code in [handler.as_ref(), owner.as_ref()].into_iter().flatten() {
            found = lead(tx, code, today).await?;
            if found.is_some() {
                break;
            }
        }
        if let Some(lead) = found {
            let head = with_us(tx, lead.manager_id, today).await?;
            let head = head.filter(|head| head.employee_id != lead.employee_id);
            people.extend(head.map(|head| (Role::Head, head.code)));
            people.insert(Role::Lead, lead.code);
        }
    }
    if let Some(customer) = complaint.customer.id
        && roles.contains(&Role::ExecutiveSponsor)
    {
        let first = employees::sponsors(tx, customer.into(), today).await?.into_iter().next();
        people.extend(first.map(|sponsor| (Role::ExecutiveSponsor, sponsor.code)));
    }
    people.extend(handler.map(|handler| (Role::Handler, handler)));
    people.extend(owner.map(|owner| (Role::AccountOwner, owner)));
    Ok(people)
}

async fn lead(tx: &mut Tx, code: &str, today: NaiveDate) -> database::Result<Option<Colleague>> {
    let Some(own) = employees::by_code(tx, code).await? else { return Ok(None) };
    for first in [own.team_lead_id, own.manager_id] {
        let found = with_us(tx, first, today).await?.filter(|found| found.employee_id != own.employee_id);
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// The first who is with us of this one and those above.
async fn with_us(tx: &mut Tx, first: Option<Id>, today: NaiveDate) -> database::Result<Option<Colleague>> {
    let mut next = first;
    for _ in 0..HIGHEST {
        let Some(id) = next else { break };
        let Some(found) = employees::find(tx, id).await? else { break };
        if found.is_with_us(today) {
            return Ok(Some(found));
        }
        next = found.manager_id;
    }
    Ok(None)
}

/// The roles with who stands for them, by user names in small letters.
pub(super) fn recipients(roles: &[Role], people: &People) -> Vec<Recipient> {
    roles.iter().map(|role| Recipient { role: *role, user: people.get(role).map(|user| user.to_lowercase()) }).collect()
}
