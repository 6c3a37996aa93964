// The peer for pictures: express and sharp (libvips). One upload makes the four renditions of Pindeck
// (1280, 768 and 320 wide, and 640 x 360) within the request.
// node sharp_service.js PORT FOLDER [quality] [effort]
const [port, folder, quality = 82, effort = 4] = process.argv.slice(2)
const express = require('express')
const multer = require('multer')
const sharp = require('sharp')
const fs = require('fs')
const path = require('path')

fs.mkdirSync(path.join(folder, 'originals'), { recursive: true })
fs.mkdirSync(path.join(folder, 'renditions'), { recursive: true })
sharp.concurrency(1)
sharp.cache(false)
const app = express()
const form = multer({ dest: path.join(folder, 'originals') })
const options = { quality: +quality, effort: +effort }

app.get('/hello', (_, answer) => answer.send('hello'))
app.post('/upload', form.single('image'), async (request, answer) => {
  const id = request.file.filename
  const out = name => path.join(folder, 'renditions', `${id}-${name}.webp`)
  // One decode; the smaller ones are made from the largest.
  const large = await sharp(request.file.path).rotate().resize(1280).raw().toBuffer({ resolveWithObject: true })
  const from = () => sharp(large.data, { raw: large.info })
  await Promise.all([
    from().webp(options).toFile(out('w1280')),
    from().resize(768).webp(options).toFile(out('w768')),
    from().resize(320).webp(options).toFile(out('w320')),
    from().resize(640, 360, { fit: 'inside' }).webp(options).toFile(out('preview')),
  ])
  answer.json({ id })
})
app.listen(+port, '127.0.0.1')
