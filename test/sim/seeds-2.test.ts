import { playRange } from "./play-range.ts";

playRange(51, 101);
