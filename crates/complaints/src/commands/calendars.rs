use chassis::audit;
use chassis::http::IfMatch;
use complaints_contract::{Calendar, CalendarId, NewCalendar, OpenCalendar};
use database::{Db, Tx};
use messaging::Act;
use problem::FieldError;
use wire::Reference;

use crate::domain;
use crate::error::Error;
use crate::queries;
use crate::store::rulebook::{self, Dealing};
use crate::store::{calendars, rebuilds};

pub async fn open_calendar(db: &Db, act: &Act, new: OpenCalendar) -> Result<Calendar, Error> {
    let id = CalendarId::from(act.new_id());
    let under = |faults: Vec<FieldError>| faults.into_iter().map(|fault| fault.under("/calendar")).collect();
    domain::Calendar::parse(&new.calendar).map_err(|faults| Error::RulesInvalid(under(faults)))?;
    let calendar = new.calendar.named(id, new.code, 1, act.at, act.actor.clone());
    let mut tx = db.begin().await?;
    rulebook::hold(&mut tx, Dealing::Changing).await?;
    match calendars::insert(&mut tx, &calendar).await {
        Ok(()) => {
            audit::record(&mut tx, act, "calendar.opened", "calendar", id.into()).await?;
            tx.commit().await?;
            Ok(calendar)
        }
        Err(database::Error::Unique { .. }) => {
            drop(tx);
            let taken = queries::calendar(db, &Reference::Code(calendar.code.clone())).await?;
            // The request was repeated after its commit and before its answer was kept.
            if taken.id == id { Ok(taken) } else { Err(Error::CalendarTaken { code: calendar.code }) }
        }
        Err(error) => Err(error.into()),
    }
}

/// Makes a new version of a calendar, by which all that is open is reckoned anew.
pub async fn replace_calendar(
    db: &Db,
    act: &Act,
    reference: &Reference<CalendarId>,
    expected: IfMatch,
    new: NewCalendar,
) -> Result<Calendar, Error> {
    domain::Calendar::parse(&new).map_err(Error::RulesInvalid)?;
    let mut tx = db.begin().await?;
    // Before the rules, as whoever reckons anew takes them: nobody waits in a circle.
    rebuilds::want(&mut tx, act.at).await?;
    rulebook::hold(&mut tx, Dealing::Changing).await?;
    let before = existing(&mut tx, reference).await?;
    expected.check(before.version)?;
    let valid_from = act.at.max(before.valid_from);
    let calendar = new.named(before.id, before.code, before.version + 1, valid_from, act.actor.clone());
    calendars::replace(&mut tx, &calendar).await?;
    audit::record(&mut tx, act, "calendar.replaced", "calendar", calendar.id.into()).await?;
    tx.commit().await?;
    Ok(calendar)
}

async fn existing(tx: &mut Tx, reference: &Reference<CalendarId>) -> Result<Calendar, Error> {
    calendars::find(tx, reference).await?.ok_or_else(|| Error::CalendarNotFound(reference.to_string()))
}
