use std::collections::HashMap;

use database::{Conn, Db, Id, PageRequest};
use registry_contract::{
    Contact, ContactHit, ContactQuery, Customer, CustomerHit, CustomerQuery, SearchHits, SearchQuery,
};
use serde_json::{Value, json};

use super::Listed;
use crate::domain::search::{Attempt, Place, Question};
use crate::error::Result;
use crate::store::{self, ContactRow, CustomerRow, TermRow};

/// Terms looked at for one page at most. A question so vague or filters so narrow that they fill no page end it early;
/// its cursor goes on.
const MOST_LOOKED_AT: usize = 20_000;
/// Hits of each kind where nobody says how many.
const HITS: i64 = 8;
/// Terms counted of each word to learn which is the rarest.
const COUNTED: i64 = 100;
const BATCHES: std::ops::RangeInclusive<usize> = 20..=2_000;

/// Customers in the order of how well they fit, a page of them and where the next begins.
pub async fn search_customers(
    db: &Db,
    question: &Question,
    wanted: &CustomerQuery,
    places: &'static [Place],
    page: &PageRequest,
) -> Result<(Listed<Customer>, Option<Vec<Value>>)> {
    let mut conn = db.read().await?;
    let load = async |conn: &mut Conn, ids: &[Id]| {
        let rows = store::customers_of(conn, wanted, ids).await?;
        Ok(rows.into_iter().map(|row| (row.id, row)).collect::<HashMap<Id, CustomerRow>>())
    };
    let walk = Walk { question, places, of: Of::Customers };
    let (rows, next) = walk.page(&mut conn, page, load).await?;
    let items = store::complete(&mut conn, rows).await?;
    let count = match page.count {
        true => Some(store::count_customers(&mut conn, wanted, places).await?),
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

/// The best customers and, if they are wanted, contacts for what was typed so far.
pub async fn search(db: &Db, asked: &SearchQuery, with_contacts: bool) -> Result<SearchHits> {
    let Some(question) = Question::parse(&asked.q) else { return Ok(SearchHits::default()) };
    let limit = asked.limit.unwrap_or(HITS);
    let page = PageRequest { limit, sort: vec![], after: None, count: false };
    let (customers, _) = search_customers(db, &question, &CustomerQuery::default(), Place::OF_CUSTOMERS, &page).await?;
    let contacts = match with_contacts {
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

/// Where a walk stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Spot {
    attempt: usize,
    /// The word whose terms are walked along.
    word: usize,
    /// Index into the walk's places.
    place: usize,
    way: usize,
    term: String,
    thing: Id,
}

impl Spot {
    fn write(&self) -> Vec<Value> {
        let thing: uuid::Uuid = self.thing.get();
        vec![json!(self.attempt), json!(self.word), json!(self.place), json!(self.way), json!(self.term), json!(thing)]
    }

    /// `None` where a walk begins. A cursor of another question leads nowhere, at worst.
    fn read(after: Option<&Vec<Value>>) -> database::Result<Option<Self>> {
        let Some(after) = after else { return Ok(None) };
        let (attempt, word, place, way, term, thing) =
            serde_json::from_value(Value::Array(after.clone())).map_err(database::Error::other)?;
        Ok(Some(Self { attempt, word, place, way, term, thing }))
    }
}

impl Walk<'_> {
    async fn page<T>(
        &self,
        conn: &mut Conn,
        page: &PageRequest,
        load: impl AsyncFn(&mut Conn, &[Id]) -> database::Result<HashMap<Id, T>>,
    ) -> Result<(Vec<T>, Option<Vec<Value>>)> {
        let limit = usize::try_from(page.limit).map_err(database::Error::other)?;
        let mut size = (limit + 1).max(*BATCHES.start());
        let mut from = Spot::read(page.after.as_ref())?;
        let (mut found, mut spots, mut looked_at) = (Vec::new(), Vec::new(), 0);
        for number in from.as_ref().map_or(0, |spot| spot.attempt)..self.question.attempts.len() {
            let attempt = &self.question.attempts[number];
            let resumed = from.take();
            let word = match &resumed {
                Some(spot) => spot.word.min(attempt.len() - 1),
                None => self.rarest(conn, attempt).await?,
            };
            let first_place = resumed.as_ref().map_or(0, |spot| spot.place);
            for place in first_place..self.places.len() {
                let resumed = resumed.as_ref().filter(|spot| spot.place == place);
                for way in resumed.map_or(0, |spot| spot.way)..attempt[word].0.len() {
                    let resumed = resumed.filter(|spot| spot.way == way);
                    let mut behind = resumed.map(|spot| (spot.term.clone(), spot.thing));
                    loop {
                        let most = i64::try_from(size).map_err(database::Error::other)?;
                        let at = behind.as_ref().map(|(term, thing)| (term.as_str(), *thing));
                        let text = &attempt[word].0[way];
                        let rows = store::terms_beginning(conn, self.places[place], text, at, most).await?;
                        let Some(last) = rows.last() else { break };
                        behind = Some((last.term.clone(), last.thing_id));
                        let (at_end, ended) = (rows.len() < size, spot_of(number, word, place, way, last));
                        looked_at += rows.len();
                        let kept = self.first_met(conn, number, word, place, way, rows).await?;
                        let ids: Vec<Id> = kept.iter().map(|row| self.id(row)).collect();
                        let mut loaded = load(conn, &ids).await?;
                        for row in kept {
                            if let Some(item) = loaded.remove(&self.id(&row)) {
                                found.push(item);
                                spots.push(spot_of(number, word, place, way, &row));
                            }
                        }
                        if found.len() > limit {
                            found.truncate(limit);
                            return Ok((found, Some(spots[limit - 1].write())));
                        }
                        if looked_at >= MOST_LOOKED_AT {
                            return Ok((found, Some(ended.write())));
                        }
                        if at_end {
                            break;
                        }
                        size = (size * 4).min(*BATCHES.end());
                    }
                }
            }
        }
        Ok((found, None))
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

    /// Those of the rows that are the first by which their thing is met, and whose thing has all the words.
    async fn first_met(
        &self,
        conn: &mut Conn,
        attempt: usize,
        word: usize,
        place: usize,
        way: usize,
        rows: Vec<TermRow>,
    ) -> database::Result<Vec<TermRow>> {
        let customers: Vec<Id> = rows.iter().map(|row| row.customer_id).collect();
        let terms = match self.of {
            Of::Customers => {
                let last = self.places.last().copied().unwrap_or(Place::Name);
                store::terms_of_customers(conn, &customers, last).await?
            }
            Of::Contacts => {
                let things: Vec<Id> = rows.iter().map(|row| row.thing_id).collect();
                store::terms_of_contacts(conn, &customers, &things).await?
            }
        };
        let is_first = |row: &TermRow| {
            terms.get(&self.id(row)).is_some_and(|terms| {
                let met_before = self.question.attempts[..attempt].iter().any(|earlier| fits(earlier, terms));
                let spot = spot_of(attempt, word, place, way, row);
                !met_before
                    && fits(&self.question.attempts[attempt], terms)
                    && self.first(attempt, word, terms) == Some(spot)
            })
        };
        Ok(rows.into_iter().filter(is_first).collect())
    }

    /// Where a thing with these terms is met first in an attempt.
    fn first(&self, attempt: usize, word: usize, terms: &[TermRow]) -> Option<Spot> {
        let ways = &self.question.attempts[attempt][word].0;
        let spots = terms.iter().filter_map(|row| {
            let way = ways.iter().position(|way| row.term.starts_with(way.as_str()))?;
            let place = self.places.iter().position(|place| place.number() == row.place)?;
            Some(spot_of(attempt, word, place, way, row))
        });
        spots.min()
    }
}

fn fits(attempt: &Attempt, terms: &[TermRow]) -> bool {
    attempt.iter().all(|needle| terms.iter().any(|row| needle.fits(&row.term)))
}

fn spot_of(attempt: usize, word: usize, place: usize, way: usize, row: &TermRow) -> Spot {
    Spot { attempt, word, place, way, term: row.term.clone(), thing: row.thing_id }
}
