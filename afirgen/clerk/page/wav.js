// Speech as the server reads it best: 16,000 samples a second, 16 bits, one channel, in a WAV file.

export const rate = 16000;
const half = 16, phases = 64; // of the filter: taps on each side at the output's rate, and positions between two samples

// Down brings a stream of samples to 16 kHz. A windowed sinc cuts off what 16 kHz cannot hold, or it would come back as
// noise in the voice.
export class Down {
  constructor(from) {
    this.ratio = from / rate;
    this.reach = Math.ceil(half * Math.max(1, this.ratio));
    this.rest = new Float32Array(this.reach);
    this.next = this.reach; // position of the next output in rest
    this.table = kernel(this.ratio, this.reach);
  }

  // push takes samples between -1 and 1 and returns what can be said of them already.
  push(samples) {
    const all = new Float32Array(this.rest.length + samples.length);
    all.set(this.rest);
    all.set(samples, this.rest.length);
    const out = [];
    for (; this.next + this.reach < all.length; this.next += this.ratio) out.push(this.at(all, this.next));
    const gone = Math.max(0, Math.floor(this.next) - this.reach);
    this.rest = all.slice(gone);
    this.next -= gone;
    return Int16Array.from(out);
  }

  // end returns the last samples.
  end() { return this.push(new Float32Array(this.reach)); }

  at(all, position) {
    const whole = Math.floor(position), taps = this.table[Math.floor((position - whole) * phases)];
    let sum = 0;
    for (let i = 0; i < taps.length; i++) sum += all[whole - this.reach + 1 + i] * taps[i];
    return Math.round(32767 * Math.min(1, Math.max(-1, sum)));
  }
}

function kernel(ratio, reach) {
  const cut = Math.min(1, 1 / ratio) * 0.92, table = [];
  for (let p = 0; p < phases; p++) {
    const taps = new Float32Array(2 * reach);
    let sum = 0;
    for (let i = 0; i < taps.length; i++) {
      const x = i - reach + 1 - p / phases, y = Math.PI * x * cut;
      taps[i] = (Math.abs(y) < 1e-9 ? 1 : Math.sin(y) / y) * (0.5 + 0.5 * Math.cos(Math.PI * Math.min(1, Math.abs(x) / reach)));
      sum += taps[i];
    }
    table.push(taps.map(t => t / sum));
  }
  return table;
}

// wav writes chunks of samples as the bytes of a file.
export function wav(chunks) {
  const n = chunks.reduce((sum, c) => sum + c.length, 0);
  const view = new DataView(new ArrayBuffer(44 + 2 * n));
  const word = (at, text) => [...text].forEach((c, i) => view.setUint8(at + i, c.charCodeAt(0)));
  word(0, 'RIFF');
  view.setUint32(4, 36 + 2 * n, true);
  word(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true); // PCM
  view.setUint16(22, 1, true); // channels
  view.setUint32(24, rate, true);
  view.setUint32(28, 2 * rate, true); // bytes a second
  view.setUint16(32, 2, true); // bytes of a frame
  view.setUint16(34, 16, true); // bits
  word(36, 'data');
  view.setUint32(40, 2 * n, true);
  let at = 44;
  for (const c of chunks) for (const s of c) {
    view.setInt16(at, s, true);
    at += 2;
  }
  return view.buffer;
}
