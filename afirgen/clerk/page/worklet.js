// Runs on the audio thread: hands the microphone's samples on, in blocks.
registerProcessor('tap', class extends AudioWorkletProcessor {
  constructor() {
    super();
    this.block = new Float32Array(4096);
    this.n = 0;
    this.port.onmessage = () => {
      this.port.postMessage({samples: this.block.slice(0, this.n), last: true});
      this.n = 0;
    };
  }

  process([channels]) {
    const one = channels?.[0];
    if (one) {
      for (const s of one) {
        this.block[this.n++] = s;
        if (this.n === this.block.length) {
          this.port.postMessage({samples: this.block.slice()});
          this.n = 0;
        }
      }
    }
    return true;
  }
});
