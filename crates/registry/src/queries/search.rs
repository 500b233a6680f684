use std::collections::{HashMap, HashSet};
use std::ops::RangeInclusive;

use database::{Conn, Db, Id, PageRequest};
use registry_contract::{
    Contact, ContactHit, ContactQuery, Customer, CustomerHit, CustomerQuery, SearchHits, SearchQuery,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::Listed;
use super::customers::narrowed;
use crate::domain::Sight;
use crate::domain::search::{Attempt, Place, Question};
use crate::error::Result;
use crate::store::{self, ContactRow, CustomerRow, TermRow};

/// Terms looked at for one page at most. A question so vague or filters so narrow that they fill no page end it early;
/// its cursor goes on.
const MOST_LOOKED_AT: usize = 20_000;
/// Hits of each kind where nobody says how many.
const HITS: i64 = 8;
/// Terms counted of each word to learn which is the rarest.
const COUNTED: usize = 100;
/// Terms looked at in one step.
const STEPS: RangeInclusive<usize> = 20..=2_000;

/// Customers in the order of how well they fit, a page of them and where the next begins.
pub async fn search_customers(
    db: &Db,
    question: &Question,
    wanted: &CustomerQuery,
    sight: Sight,
    page: &PageRequest,
) -> Result<(Listed<Customer>, Option<Vec<Value>>)> {
    found_customers(db, question, wanted, (sight, sight.places()), page).await
}

async fn found_customers(
    db: &Db,
    question: &Question,
    wanted: &CustomerQuery,
    (sight, places): (Sight, &'static [Place]),
    page: &PageRequest,
) -> Result<(Listed<Customer>, Option<Vec<Value>>)> {
    let mut conn = db.read().await?;
    let narrowed = narrowed(&mut conn, wanted).await?;
    let load = async |conn: &mut Conn, ids: &[Id]| {
        let rows = store::customers_of(conn, wanted, &narrowed, sight, ids).await?;
        Ok(rows.into_iter().map(|row| (row.id, row)).collect::<HashMap<Id, CustomerRow>>())
    };
    let walk = Walk { question, places, of: Of::Customers };
    let (rows, next) = walk.page(&mut conn, page, load).await?;
    let items = store::complete(&mut conn, rows).await?;
    let count = match page.count {
        true => Some(store::count_customers(&mut conn, wanted, &narrowed, sight).await?),
        false => None,
    };
    Ok((Listed { items, count }, next))
}

/// Contacts in the order of how well they fit, a page of them and where the next begins.
pub async fn search_contacts(
    db: &Db,
    question: &Question,
    wanted: &ContactQuery,
    page: &PageRequest,
) -> Result<(Listed<Contact>, Option<Vec<Value>>)> {
    let mut conn = db.read().await?;
    let load = async |conn: &mut Conn, ids: &[Id]| {
        let rows = store::contacts_wanted(conn, wanted, ids).await?;
        Ok(rows.into_iter().map(|row| (row.id, row)).collect::<HashMap<Id, ContactRow>>())
    };
    let walk = Walk { question, places: Place::OF_CONTACTS, of: Of::Contacts };
    let (rows, next) = walk.page(&mut conn, page, load).await?;
    let count = match page.count {
        true => Some(store::count_contacts(&mut conn, wanted).await?),
        false => None,
    };
    Ok((Listed { items: rows.into_iter().map(Contact::from).collect(), count }, next))
}

/// The best customers and, for who sees them, contacts for what was typed so far.
pub async fn search(db: &Db, asked: &SearchQuery, sight: Sight) -> Result<SearchHits> {
    let Some(question) = Question::parse(&asked.q) else { return Ok(SearchHits::default()) };
    let limit = asked.limit.unwrap_or(HITS);
    let page = PageRequest { limit, sort: vec![], after: None, count: false };
    let own = (sight, sight.own_places());
    let (customers, _) = found_customers(db, &question, &CustomerQuery::default(), own, &page).await?;
    let contacts = match sight.is_everything() {
        true => search_contacts(db, &question, &ContactQuery::default(), &page).await?.0.items,
        false => vec![],
    };
    let hit = |one: Customer| CustomerHit { id: one.id, code: one.code, name: one.name, tier: one.tier };
    let person =
        |one: Contact| ContactHit { id: one.id, name: one.name, title: one.title, customer_id: one.customer_id };
    Ok(SearchHits {
        customers: customers.items.into_iter().map(hit).collect(),
        contacts: contacts.into_iter().map(person).collect(),
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Of {
    Customers,
    Contacts,
}

/// A walk along the terms that fit, in the order of results: each attempt, each place, each way of writing its rarest
/// word, each term. Every step enters an index where the last one ended, so that a page costs the same however many
/// things there are.
struct Walk<'a> {
    question: &'a Question,
    places: &'static [Place],
    of: Of,
}

/// A stretch of the walk: the terms of one place that begin in one way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Leg {
    attempt: usize,
    /// The word whose terms are walked along.
    word: usize,
    /// Index into the walk's places.
    place: usize,
    /// Index into the word's ways of being written.
    way: usize,
}

/// Where a walk stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Spot {
    leg: Leg,
    term: String,
    thing: Id,
}

impl Spot {
    fn at(leg: Leg, row: &TermRow) -> Self {
        Self { leg, term: row.term.clone(), thing: row.thing_id }
    }

    fn write(&self) -> Vec<Value> {
        let (Leg { attempt, word, place, way }, thing) = (self.leg, self.thing.get::<Uuid>());
        vec![json!(attempt), json!(word), json!(place), json!(way), json!(self.term), json!(thing)]
    }

    /// `None` where a walk begins. A cursor of another question leads nowhere, at worst.
    fn read(after: Option<&Vec<Value>>) -> database::Result<Option<Self>> {
        let Some(after) = after else { return Ok(None) };
        let (attempt, word, place, way, term, thing) =
            serde_json::from_value(Value::Array(after.clone())).map_err(database::Error::other)?;
        Ok(Some(Self { leg: Leg { attempt, word, place, way }, term, thing }))
    }
}

/// What a page has so far.
struct Gathered<T> {
    limit: usize,
    items: Vec<T>,
    spots: Vec<Spot>,
    looked_at: usize,
    /// Terms to look at with the next step: more with each, as those before were not enough.
    step: usize,
}

impl Walk<'_> {
    async fn page<T>(
        &self,
        conn: &mut Conn,
        page: &PageRequest,
        load: impl AsyncFn(&mut Conn, &[Id]) -> database::Result<HashMap<Id, T>>,
    ) -> Result<(Vec<T>, Option<Vec<Value>>)> {
        let limit = usize::try_from(page.limit).map_err(database::Error::other)?;
        let step = (limit + 1).max(*STEPS.start());
        let mut gathered = Gathered { limit, items: vec![], spots: vec![], looked_at: 0, step };
        let mut from = Spot::read(page.after.as_ref())?;
        let first = from.as_ref().map_or(0, |spot| spot.leg.attempt);
        for (number, attempt) in self.question.attempts.iter().enumerate().skip(first) {
            let mut resumed = from.take();
            let word = match &resumed {
                Some(spot) => spot.leg.word.min(attempt.len() - 1),
                None => self.rarest(conn, attempt).await?,
            };
            for leg in self.legs(number, word) {
                if resumed.as_ref().is_some_and(|spot| leg < spot.leg) {
                    continue;
                }
                let behind = resumed.take().filter(|spot| spot.leg == leg).map(|spot| (spot.term, spot.thing));
                if let Some(end) = self.follow(conn, leg, behind, &mut gathered, &load).await? {
                    return Ok((gathered.items, Some(end.write())));
                }
            }
        }
        Ok((gathered.items, None))
    }

    fn legs(&self, attempt: usize, word: usize) -> impl Iterator<Item = Leg> {
        let ways = self.question.attempts[attempt][word].0.len();
        (0..self.places.len()).flat_map(move |place| (0..ways).map(move |way| Leg { attempt, word, place, way }))
    }

    /// Gathers along a leg, from behind a term if there is one, and says where the page ends if it ends here.
    async fn follow<T>(
        &self,
        conn: &mut Conn,
        leg: Leg,
        mut behind: Option<(String, Id)>,
        gathered: &mut Gathered<T>,
        load: &impl AsyncFn(&mut Conn, &[Id]) -> database::Result<HashMap<Id, T>>,
    ) -> database::Result<Option<Spot>> {
        let text = &self.question.attempts[leg.attempt][leg.word].0[leg.way];
        loop {
            let from = behind.as_ref().map(|(term, thing)| (term.as_str(), *thing));
            let rows = store::terms_beginning(conn, self.places[leg.place], text, from, gathered.step).await?;
            let Some(last) = rows.last().map(|row| Spot::at(leg, row)) else { return Ok(None) };
            let at_end = rows.len() < gathered.step;
            gathered.looked_at += rows.len();
            let kept = self.first_met(conn, leg, rows).await?;
            let ids: Vec<Id> = kept.iter().map(|row| self.id(row)).collect();
            let mut loaded = load(conn, &ids).await?;
            for row in kept {
                if let Some(item) = loaded.remove(&self.id(&row)) {
                    gathered.items.push(item);
                    gathered.spots.push(Spot::at(leg, &row));
                }
            }
            if gathered.items.len() > gathered.limit {
                gathered.items.truncate(gathered.limit);
                return Ok(gathered.spots.get(gathered.limit - 1).cloned());
            }
            if gathered.looked_at >= MOST_LOOKED_AT {
                return Ok(Some(last));
            }
            if at_end {
                return Ok(None);
            }
            behind = Some((last.term, last.thing));
            gathered.step = (gathered.step * 4).min(*STEPS.end());
        }
    }

    fn id(&self, row: &TermRow) -> Id {
        match self.of {
            Of::Customers => row.customer_id,
            Of::Contacts => row.thing_id,
        }
    }

    /// The word that the fewest terms begin with.
    async fn rarest(&self, conn: &mut Conn, attempt: &Attempt) -> database::Result<usize> {
        let mut rarest = (usize::MAX, 0);
        if attempt.len() > 1 {
            for (index, needle) in attempt.iter().enumerate() {
                let count = store::count_beginning(conn, self.places, &needle.0, COUNTED).await?;
                rarest = rarest.min((count, index));
            }
        }
        Ok(rarest.1)
    }

    /// Those of the rows whose thing has all the other words.
    async fn with_all_words(
        &self,
        conn: &mut Conn,
        leg: Leg,
        mut rows: Vec<TermRow>,
    ) -> database::Result<Vec<TermRow>> {
        for (word, needle) in self.question.attempts[leg.attempt].iter().enumerate() {
            if word == leg.word || rows.is_empty() {
                continue;
            }
            let customers: Vec<Id> = rows.iter().map(|row| row.customer_id).collect();
            let holders = store::holders_of_terms(conn, &customers, self.places, &needle.0).await?;
            let having: HashSet<Id> = match self.of {
                Of::Customers => holders.into_iter().map(|(customer, _)| customer).collect(),
                Of::Contacts => holders.into_iter().map(|(_, thing)| thing).collect(),
            };
            rows.retain(|row| having.contains(&self.id(row)));
        }
        Ok(rows)
    }

    /// Those of the rows that are the first by which their thing is met, and whose thing has all the words.
    async fn first_met(&self, conn: &mut Conn, leg: Leg, rows: Vec<TermRow>) -> database::Result<Vec<TermRow>> {
        let rows = self.with_all_words(conn, leg, rows).await?;
        if rows.is_empty() {
            return Ok(rows);
        }
        let customers: Vec<Id> = rows.iter().map(|row| row.customer_id).collect();
        let terms = match self.of {
            Of::Customers => store::terms_of_customers(conn, &customers, self.places).await?,
            Of::Contacts => {
                let things: Vec<Id> = rows.iter().map(|row| row.thing_id).collect();
                store::terms_of_contacts(conn, &customers, &things).await?
            }
        };
        let (before, attempt) = (&self.question.attempts[..leg.attempt], &self.question.attempts[leg.attempt]);
        let is_first = |row: &TermRow| {
            terms.get(&self.id(row)).is_some_and(|terms| {
                fits(attempt, terms)
                    && !before.iter().any(|earlier| fits(earlier, terms))
                    && self.first(leg, terms) == Some(Spot::at(leg, row))
            })
        };
        Ok(rows.into_iter().filter(is_first).collect())
    }

    /// Where a thing with these terms is met first in the leg's attempt.
    fn first(&self, leg: Leg, terms: &[TermRow]) -> Option<Spot> {
        let ways = &self.question.attempts[leg.attempt][leg.word].0;
        let spots = terms.iter().filter_map(|row| {
            let way = ways.iter().position(|way| row.term.starts_with(way.as_str()))?;
            let place = self.places.iter().position(|place| place.number() == row.place)?;
            Some(Spot::at(Leg { place, way, ..leg }, row))
        });
        spots.min()
    }
}

fn fits(attempt: &Attempt, terms: &[TermRow]) -> bool {
    attempt.iter().all(|needle| terms.iter().any(|row| needle.fits(&row.term)))
}
