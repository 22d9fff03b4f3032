// Recorder takes speech from the microphone. Sound stays in memory until it is sent or thrown away.
import {Down, wav, rate} from './wav.js';

export const limit = 600; // seconds: 19 MB, below what the server takes

export class Recorder {
  // hear is called with the level, 0 to 1, and the seconds so far; full when the time is over.
  constructor(hear, full) {
    Object.assign(this, {hear, full, chunks: [], samples: 0});
  }

  async start() {
    this.stream = await navigator.mediaDevices.getUserMedia({audio: {channelCount: 1}});
    this.context = new AudioContext();
    try {
      await this.context.audioWorklet.addModule('/app/worklet.js');
      await this.context.resume();
    } catch (e) {
      this.close();
      throw e;
    }
    this.down = new Down(this.context.sampleRate);
    this.tap = new AudioWorkletNode(this.context, 'tap', {numberOfOutputs: 0, channelCount: 1, channelCountMode: 'explicit'});
    this.tap.port.onmessage = ({data}) => this.take(data);
    this.context.createMediaStreamSource(this.stream).connect(this.tap);
  }

  take({samples, last}) {
    let peak = 0;
    for (const s of samples) peak = Math.max(peak, Math.abs(s));
    const chunk = this.down.push(samples);
    this.chunks.push(chunk);
    this.samples += chunk.length;
    this.hear(peak, this.seconds);
    if (last) this.ended();
    else if (this.seconds >= limit) this.full();
  }

  get seconds() { return this.samples / rate; }

  // stop returns the recording.
  async stop() {
    await new Promise(done => {
      this.ended = done;
      this.tap.port.postMessage('end');
    });
    this.chunks.push(this.down.end());
    this.close();
    return new File([wav(this.chunks)], 'recording.wav', {type: 'audio/wav'});
  }

  close() {
    this.stream?.getTracks().forEach(t => t.stop());
    this.context?.close();
  }
}
