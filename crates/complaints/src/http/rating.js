const marks = [['很差', 'Very poor'], ['较差', 'Poor'], ['一般', 'Fair'], ['较好', 'Good'], ['很好', 'Very good']];
const invalid = ['链接无效，请使用消息中的完整链接。', 'This link is not valid. Please use the whole link from our message.'];
/** What ends it, by the answer's status. */
const ends = {
  201: ['谢谢您的评价！', 'Thank you for your rating!'],
  404: invalid,
  409: ['您已经评价过了，谢谢！', 'You have rated this already, thank you!'],
  410: ['评价期限已过。', 'It is too late to rate this.'],
};
const again = ['暂时无法提交，请稍后再试。', 'This cannot be sent at the moment. Please try again later.'];

const form = document.getElementById('rating');
const told = document.getElementById('told');
const token = location.hash.slice(1);

function inBoth([chinese, english]) {
  const span = Object.assign(document.createElement('span'), { lang: 'en', textContent: english });
  return [chinese + ' ', span];
}

function tell(words, isEnd) {
  told.replaceChildren(...inBoth(words));
  form.hidden = isEnd;
  told.focus();
}

for (const name of ['attitude', 'result']) {
  for (const [place, words] of marks.entries()) {
    const label = document.createElement('label');
    const input = document.createElement('input');
    Object.assign(input, { type: 'radio', name, value: place + 1, required: true });
    label.append(input, ' ', ...inBoth(words));
    document.getElementById(name).append(label);
  }
}

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const button = form.querySelector('button');
  button.disabled = true;
  const given = new FormData(form);
  const comment = document.getElementById('comment').value.trim();
  const rating = { token, attitude: +given.get('attitude'), result: +given.get('result') };
  if (comment) rating.comment = comment;
  try {
    const answer = await fetch('ratings', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(rating),
    });
    tell(ends[answer.status] ?? again, answer.status in ends);
  } catch {
    tell(again, false);
  } finally {
    button.disabled = false;
  }
});

if (token) form.hidden = false;
else tell(invalid, true);
