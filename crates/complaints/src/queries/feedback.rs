use complaints_contract::{
    ComplaintId, ComplaintMessage, ComplaintMessageQuery, ComplaintRatings, Confidential, Happening, MessageTemplate,
    MessageTemplates,
};
use database::{Conn, Db, PageRequest};
use wire::Reference;

use super::{Rows, existing};
use crate::commands::as_shipped;
use crate::domain::messages::{LANGUAGES, STEPS};
use crate::domain::{Authority, Intake};
use crate::error::Error;
use crate::store::messages::Wanted;
use crate::store::{message_templates, messages, ratings};

pub async fn messages(
    db: &Db,
    who: &Authority,
    reference: &Reference<ComplaintId>,
    page: &PageRequest,
) -> Result<Rows<ComplaintMessage>, Error> {
    let mut conn = db.snapshot().await?;
    let complaint = existing(&mut conn, who, reference).await?;
    let query = ComplaintMessageQuery::default();
    let wanted = Wanted { sight: who.sight(), complaint: Some(complaint.id), query };
    let (rows, count) = listed(&mut conn, &wanted, page).await?;
    Ok((rows.into_iter().map(|message| shown(who, &complaint.intake, message)).collect(), count))
}

/// For who handles complaints, from whom nothing of them is confidential.
pub async fn all_messages(
    db: &Db,
    who: &Authority,
    query: ComplaintMessageQuery,
    page: &PageRequest,
) -> Result<Rows<ComplaintMessage>, Error> {
    let wanted = Wanted { sight: who.sight(), complaint: None, query };
    Ok(listed(&mut db.read().await?, &wanted, page).await?)
}

async fn listed(conn: &mut Conn, wanted: &Wanted, page: &PageRequest) -> database::Result<Rows<ComplaintMessage>> {
    let rows = messages::list(conn, wanted, page).await?;
    let count = if page.count { Some(messages::count(conn, wanted).await?) } else { None };
    Ok((rows, count))
}

fn shown(who: &Authority, intake: &Intake, mut message: ComplaintMessage) -> ComplaintMessage {
    if [Confidential::Notes, Confidential::Resolution].iter().any(|part| !who.reads(intake, *part)) {
        message.subject.clear();
        (message.body, message.html) = (None, None);
    }
    // Mail servers quote the address that they refuse.
    if !who.reads(intake, Confidential::Complainant) {
        message.failure = None;
    }
    message
}

pub async fn ratings(db: &Db, who: &Authority, reference: &Reference<ComplaintId>) -> Result<ComplaintRatings, Error> {
    let mut conn = db.snapshot().await?;
    let complaint = existing(&mut conn, who, reference).await?;
    let mut ratings = ratings::of(&mut conn, complaint.id).await?;
    if !who.reads(&complaint.intake, Confidential::Notes) {
        ratings.iter_mut().for_each(|rating| rating.comment = None);
    }
    Ok(ComplaintRatings { ratings })
}

/// Those in force: what is shipped, and what the company says in its own words instead or besides.
pub async fn message_templates(db: &Db) -> Result<MessageTemplates, Error> {
    let own = message_templates::all(&mut db.read().await?).await?;
    let is_own = |shipped: &MessageTemplate| {
        own.iter().any(|own| (own.step, &own.language) == (shipped.step, &shipped.language))
    };
    let shipped = STEPS.iter().flat_map(|step| LANGUAGES.iter().filter_map(|language| as_shipped(*step, language)));
    let mut templates: Vec<_> = shipped.filter(|shipped| !is_own(shipped)).collect();
    templates.extend(own);
    let place = |step: Happening| STEPS.iter().position(|known| *known == step);
    templates.sort_by(|one, two| (place(one.step), &one.language).cmp(&(place(two.step), &two.language)));
    Ok(MessageTemplates { templates })
}

pub async fn message_template(db: &Db, step: Happening, language: &str) -> Result<MessageTemplate, Error> {
    let wanted = [language.to_owned()];
    let own = message_templates::of(&mut db.read().await?, step, &wanted).await?.pop();
    own.or_else(|| as_shipped(step, language)).ok_or(Error::TemplateNotFound)
}
